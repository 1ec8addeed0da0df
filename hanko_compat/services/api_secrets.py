"""Who may call the backend door: a project ID and any of several secrets.

A secret has 256 random bits, so it can't be guessed: a plain SHA-256 hides it as well as a slow hash
would, and costs a request nothing.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from hanko_compat import random_secrets
from hanko_compat.clock import Clock
from hanko_compat.errors.api_secrets import ApiCredentialsInvalid
from hanko_compat.storage import api_secrets as rows
from hanko_compat.storage.engine.database import Database
from hanko_compat.timed_cache import TimedValue

PROJECT_PREFIX = "pro-"
SECRET_PREFIX = "corbado1_"  # noqa: S105 - what secrets begin with
LENGTH = 43  # characters; log2(62) bits each
LIFETIME = timedelta(seconds=2)
"""How long a process goes on with what it has read, and so accepts a secret that was revoked elsewhere."""


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret, shown this once."""

    id: UUID
    project_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class SecretInfo:
    """What may be shown of a secret later on."""

    id: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True)
class _Known:
    project_hash: bytes
    project_id: str
    secret_hashes: tuple[bytes, ...]


class ApiSecrets:
    """The secrets of the one project that an installation serves."""

    def __init__(self, database: Database, *, project_id: str, now: Clock) -> None:
        """*project_id* is the configured one; "" for one that is made up with the first secret."""
        self._database = database
        self._configured = project_id
        self._now = now
        self._known = TimedValue(self._read, lifetime=LIFETIME, clock=now)

    def create(self) -> NewSecret:
        """Make a secret; the first one opens the door."""
        new = NewSecret(uuid4(), "", SECRET_PREFIX + random_secrets.text(LENGTH))

        def work() -> str:
            project_id = self._configured or rows.find_project_id()
            if not project_id:
                project_id = PROJECT_PREFIX + str(random_secrets.number(bits=63))
                rows.create_project(project_id, now=self._now())
            rows.create(new.id, secret_hash=_digest(new.secret).hex(), now=self._now())
            return project_id

        project_id = self._database.transaction(work)
        self._known.forget()
        return NewSecret(new.id, project_id, new.secret)

    def list(self) -> Sequence[SecretInfo]:
        """Every secret that counts, the oldest first."""
        with self._database.connection():
            return [SecretInfo(row.id, row.created_at) for row in rows.list_secrets()]

    def revoke(self, secret_id: UUID) -> bool:
        """End a secret; False when there is none with this id."""
        was_there = self._database.transaction(lambda: rows.delete(secret_id))
        self._known.forget()
        return was_there

    def exist(self) -> bool:
        """Whether there is any secret, and so a door."""
        return bool(self._known.get().secret_hashes)

    def project_id(self) -> str:
        """The ID of the project, "" before the first secret was made."""
        return self._known.get().project_id

    def check(self, project_id: str, secret: str) -> None:
        """Let pass who knows one of the secrets.

        Raises:
            ApiCredentialsInvalid: another project, or no secret of it; the work and the answer are the same.
        """
        known = self._known.get()
        is_ours = hmac.compare_digest(_digest(project_id), known.project_hash)
        sent = _digest(secret)
        matches = [hmac.compare_digest(sent, stored) for stored in known.secret_hashes]
        if not (any(matches) and is_ours):
            raise ApiCredentialsInvalid

    def _read(self) -> _Known:
        with self._database.connection():
            project_id = self._configured or rows.find_project_id() or ""
            hashes = tuple(bytes.fromhex(row.secret_hash) for row in rows.list_secrets())
        return _Known(_digest(project_id), project_id, hashes)


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
