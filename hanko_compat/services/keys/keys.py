"""Signing keys: made at start, rotated, published, found by the ``kid`` of a token."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hanko_compat.clock import Clock
from hanko_compat.config.safety import KNOWN_SECRET
from hanko_compat.errors import NotThere
from hanko_compat.errors.keys import (
    KeyRevocationRefused,
    KeyRotationRefused,
    SigningKeyMissing,
    SigningKeyUnreadable,
)
from hanko_compat.jose import encryption, signing_keys
from hanko_compat.jose.signing_keys import SigningKey
from hanko_compat.services.keys.key_ring import LIFETIME, KeyRing, Snapshot, StoredKey
from hanko_compat.storage import keys as jwks
from hanko_compat.storage.engine.database import Database, IntegrityError
from hanko_compat.storage.schema import catalogue, migrate

# Hosts that start together want the same row id; in each round one of them wins.
ROUNDS = 20
SPARE = timedelta(seconds=1)
"""What a process may take longer than it should until it has read the keys again."""

UNREADABLE = (
    "signing key {row_id} (table jwks): none of the {count} secrets in secrets.keys decrypts it. A secret"
    " that was once in front is missing there, where all of them must stay; Hanko 3 reads secret_keys"
    " instead, and ignores secrets.keys."
)
BUILT_IN = (
    "signing key {row_id} (table jwks): none of the {count} secrets in secrets.keys decrypts it, but"
    f" {KNOWN_SECRET} does, the built-in secret of Hanko 3: it ignores secrets.keys, and uses this one"
    " where no secret_keys are set. As long as it does, add the built-in secret to the end of secrets.keys"
    " and set hanko_compat.allow_weak_secrets: true."
)
NOT_OURS = (
    "the schema of this database belongs to Hanko (it has a table schema_migration). Hanko makes one key for"
    " each of its secrets and numbers the rows by them, so a key that we add would stand in the place of its"
    " next one. To rotate, put a new secret in front of secrets.keys, in Hanko's configuration and in this"
    " one, and restart Hanko first."
)
SIGNS_FOR_HANKO = (
    "this key signs, and no other can be made here: the schema of this database belongs to Hanko. Put a new"
    " secret in front of secrets.keys (Hanko 3: secret_keys), in Hanko's configuration and in this one,"
    " restart Hanko, which makes a key for it, then run `hanko-compat keys revoke` again."
)
NONE_YET = (
    "the table jwks is empty, and the schema of this database belongs to Hanko, which makes the keys: start"
    " Hanko on it once."
)


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A signing key as ``keys list`` shows it; ``is_current`` marks the one that signs.

    One that ``is_revoked`` verifies nothing any more.
    """

    row_id: int
    kid: str
    algorithm: str
    created_at: datetime
    is_current: bool
    is_revoked: bool


class Keys:
    """The signing keys of this installation. The first secret encrypts, any of them may decrypt."""

    def __init__(
        self,
        database: Database,
        *,
        secrets: Sequence[str],
        algorithm: str,
        now: Clock,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Read nothing yet; *algorithm* (``hanko_compat.jwk.algorithm``) is that of keys to come.

        *sleep* waits for some seconds.
        """
        self._database = database
        self._secrets = tuple(secrets)
        self._algorithm = algorithm
        self._now = now
        self._sleep = sleep
        self._may_be_revoked = True
        self._ring = KeyRing(self._load, now=now)

    def ensure(self) -> None:
        """Check that every key can be used and, on a database of ours, make those that the secrets ask for.

        Raises:
            SigningKeyUnreadable: no secret decrypts a key, or it is damaged; nothing was added then.
            SigningKeyMissing: there is no key, and it is Hanko's part to make one.
            SchemaBehind: there is no table to read.
        """
        is_ours = self._is_ours()
        snapshot = self._ring.reload()
        if is_ours:
            snapshot = self._with_missing_rows(snapshot)
        if snapshot.newest is None:
            raise SigningKeyMissing(NONE_YET)
        _ = snapshot.newest.key.private_key  # parsed here, so that no request pays for it

    def current(self) -> SigningKey:
        """The key that signs new tokens.

        Raises:
            SigningKeyMissing: the table is empty.
        """
        newest = self._ring.newest()
        if newest is None:
            raise SigningKeyMissing(NONE_YET)
        return newest.key

    def find(self, kid: str) -> SigningKey | None:
        """The key that a token names; a flood of unknown ids costs a query every few seconds."""
        return self._ring.find(kid)

    def find_unrevoked(self, kid: str) -> SigningKey | None:
        """As `find`, but with a query, so that a key that was revoked a moment ago is not found."""
        key = self.find(kid)
        if key is None:
            return None
        with self._database.connection():
            is_revoked = jwks.is_revoked(kid)
        return None if is_revoked else key

    def refresh(self) -> None:
        """Read the keys again, because one was seen to be revoked."""
        self._ring.refresh()

    def public_jwks(self) -> Sequence[dict[str, Any]]:
        """The public keys in the order of their rows (RFC 7517 s. 5), without those that were revoked."""
        return [row.key.public_jwk for row in self._ring.snapshot().rows if not row.is_revoked]

    def rotate(self) -> str:
        """Add a key that signs from now on, and return its ``kid``; tokens of older keys stay valid.

        Other processes sign with it within ``key_ring.LIFETIME``, and accept it at once.

        Raises:
            KeyRotationRefused: the schema belongs to Hanko.
            SchemaBehind: there is no table to write to.
        """
        if not self._is_ours():
            raise KeyRotationRefused(NOT_OURS)
        private_jwk = signing_keys.generate(self._algorithm)
        for _ in range(ROUNDS):
            snapshot = self._ring.reload()
            if self._add(private_jwk, row_id=_next_row_id(snapshot), snapshot=snapshot):
                self._ring.reload()
                break
        else:
            raise KeyRotationRefused("other hosts are rotating the keys at this moment: try again")
        return str(private_jwk["kid"])

    def revoke(self, kid: str) -> None:
        """Have all tokens of a key refused, by every process at once; no token is signed with it any more.

        Where it is the one that signs, another one is made first. Until every process signs with that one,
        which takes `key_ring.LIFETIME`, tokens of the old one are good: their users would be logged out.

        Raises:
            NotThere: no such key.
            KeyRevocationRefused: it was revoked before, or it signs on a database of Hanko's.
            SchemaBehind: there is no table to write to.
        """
        may_add = self._is_ours()
        migrate.require_current(self._database)
        snapshot = self._ring.reload()
        key = next((row for row in snapshot.rows if row.key.kid == kid), None)
        if key is None:
            raise NotThere(f"there is no key {kid}; hanko-compat keys list shows all")
        if key.is_revoked:
            raise KeyRevocationRefused(f"the key {kid} is revoked already")
        if key is snapshot.newest:
            if not may_add:
                raise KeyRevocationRefused(SIGNS_FOR_HANKO)
            self.rotate()
        self._wait_for_others()
        try:
            self._database.transaction(lambda: jwks.revoke(kid, now=self._now()))
        except IntegrityError as error:
            raise KeyRevocationRefused(f"the key {kid} is revoked already") from error
        self._ring.reload()

    def list(self) -> Sequence[KeyInfo]:
        """What there is, by row id, read afresh.

        Raises:
            SchemaBehind: there is no table to read.
        """
        self._is_ours()
        snapshot = self._ring.reload()
        return [
            KeyInfo(
                row.row_id,
                row.key.kid,
                row.key.algorithm,
                row.created_at,
                is_current=row is snapshot.newest,
                is_revoked=row.is_revoked,
            )
            for row in snapshot.rows
        ]

    def _wait_for_others(self) -> None:
        """Wait until every process signs with the newest key, if that is so new that some may not."""
        newest = self._ring.snapshot().newest
        if newest is not None and self._now() - newest.created_at < 2 * LIFETIME:
            self._sleep((LIFETIME + SPARE).total_seconds())

    def _is_ours(self) -> bool:
        """Whether keys may be added: Hanko counts its own by their row ids."""
        schema = catalogue.inspect(self._database)
        # Before `migrate up`, which `doctor` and `keys list` don't need on a database of Hanko's.
        self._may_be_revoked = jwks.REVOKED in schema.tables
        if schema.owner == "hanko":
            return False
        migrate.require_current(self._database)
        return True

    def _with_missing_rows(self, snapshot: Snapshot) -> Snapshot:
        """Make the missing keys, one after the other; of several hosts the first to store a row makes it."""
        for _ in range(ROUNDS + len(self._secrets)):
            row_id = self._missing_row_id(snapshot)
            if row_id is None:
                break
            self._add(signing_keys.generate(self._algorithm), row_id=row_id, snapshot=snapshot)
            snapshot = self._ring.reload()
        return snapshot

    def _missing_row_id(self, snapshot: Snapshot) -> int | None:
        """The number of the next key to make, None when every secret has had its key.

        The original makes the rows 1..n for n secrets. A row of `keys rotate` may stand where the row of a
        later secret belongs, so a secret in front that has encrypted nothing yet gets a key of its own beyond
        the last one.
        """
        taken = {row.row_id for row in snapshot.rows}
        for number in range(1, len(self._secrets) + 1):
            if number not in taken:
                return number
        if all(row.secret_index != 0 for row in snapshot.rows):
            return _next_row_id(snapshot)
        return None

    def _add(self, private_jwk: dict[str, Any], *, row_id: int, snapshot: Snapshot) -> bool:
        """Store a key as the newest; False when another host took the number first."""
        key_data = encryption.encrypt(signing_keys.to_json(private_jwk), secret=self._secrets[0])
        created_at = self._newer_than(snapshot)
        try:
            self._database.transaction(
                lambda: jwks.create(id=row_id, key_data=key_data, created_at=created_at)
            )
        except IntegrityError:
            return False
        return True

    def _newer_than(self, snapshot: Snapshot) -> datetime:
        """A whole second, as MariaDB keeps no fraction, and later than that of any key."""
        moment = self._now().replace(microsecond=0)
        latest = max((row.created_at for row in snapshot.rows), default=None)
        if latest is None or moment > latest:
            return moment
        return latest.replace(microsecond=0) + timedelta(seconds=1)

    def _load(self, last: Snapshot | None) -> Snapshot:
        """Read the table; what was parsed before is not parsed again."""
        parsed = {(row.row_id, row.key_data): row for row in last.rows} if last else {}
        with self._database.connection():
            rows = jwks.list_jwks()
            revoked = jwks.list_revoked() if self._may_be_revoked else frozenset()
        stored = (
            parsed.get((row.id, row.key_data)) or self._parse(row.id, row.key_data, row.created_at)
            for row in rows
        )
        return Snapshot.of(tuple(replace(row, is_revoked=row.key.kid in revoked) for row in stored))

    def _parse(self, row_id: int, key_data: str, created_at: datetime) -> StoredKey:
        for index, secret in enumerate(self._secrets):
            plain = encryption.decrypt(key_data, secret=secret)
            if plain is not None:
                return StoredKey(row_id, key_data, created_at, index, self._read_jwk(plain, row_id=row_id))
        is_built_in = encryption.decrypt(key_data, secret=KNOWN_SECRET) is not None
        text = BUILT_IN if is_built_in else UNREADABLE
        raise SigningKeyUnreadable(text.format(row_id=row_id, count=len(self._secrets)))

    def _read_jwk(self, plain: bytes, *, row_id: int) -> SigningKey:
        try:
            return signing_keys.from_json(plain)
        except SigningKeyUnreadable as error:
            raise SigningKeyUnreadable(f"signing key {row_id} (table jwks): {error}") from error


def _next_row_id(snapshot: Snapshot) -> int:
    return max((row.row_id for row in snapshot.rows), default=0) + 1
