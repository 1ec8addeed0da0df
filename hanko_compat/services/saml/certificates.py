"""The certificates of the service provider: the original's, or on a database of our own made and renewed.

A certificate is renewed before it expires. Both are published then; the old one signs on for a while, until
identity providers have read the metadata again, and both decrypt to the end.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid5

from hanko_compat.clock import Clock
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.errors.saml import SamlCertificateMissing
from hanko_compat.saml.key_pairs import KeyPair
from hanko_compat.services.saml.certificate_rows import StoredPair, make_row, read_pair
from hanko_compat.storage.engine.database import Database, IntegrityError
from hanko_compat.storage.saml import certificates as rows
from hanko_compat.storage.schema import catalogue
from hanko_compat.timed_cache import TimedValue

logger = logging.getLogger(__name__)

RENEWED_BEFORE = timedelta(days=30)
"""How long before it expires a certificate gets a successor."""

SIGNS_AFTER = timedelta(days=14)
"""How old a successor is when it begins to sign: metadata are valid for seven days, and read more often."""

DECRYPTS_FOR = timedelta(days=30)
"""How long after its end a certificate still decrypts, as some identity providers don't look at the date.

Where it had ended before there was another one, as the original's often have when they are copied, that
counts from the other one on.
"""

READ_AGAIN_AFTER = timedelta(seconds=60)
"""How long another process's new certificate may go unseen."""

# What a successor is called follows from the name of the one before: of several hosts one can make it.
_SUCCESSORS = UUID("5b9f1d0e-5a0c-4a53-9d0b-0f6a3a9f7c11")
_NOBODY = UUID(int=0)

NONE_YET = (
    "the table saml_certificates is empty, and the schema of this database belongs to Hanko, which makes the"
    " certificate: start Hanko on it once with saml.enabled."
)


@dataclass(frozen=True, slots=True)
class CertificateStatus:
    """What an operator wants to know of our certificates. Dates are in UTC.

    ``expires_at`` is the end of the newest. ``former_expires_at`` is that of the one before as long as
    somebody may still encrypt for it, None where there is none.
    """

    expires_at: datetime
    is_renewed_here: bool
    former_expires_at: datetime | None = None


class SamlCertificates:
    """Certificates by age, kept in memory for a minute; threads share it (`key_pairs.KeyPairs`)."""

    def __init__(self, database: Database, *, service_name: str, now: Clock) -> None:
        """*service_name* is the common name of new ones."""
        self._database = database
        self._service_name = service_name
        self._now = now
        self._kept = TimedValue(self._load, lifetime=READ_AGAIN_AFTER, clock=now)

    def current(self) -> KeyPair:
        """The one that signs.

        Raises:
            SamlCertificateMissing: there is none, and it is Hanko's part to make it.
            SamlCertificateUnreadable: a row is damaged.
            DatabaseUnavailable: the database does not answer, and never has.
        """
        return self.published()[0]

    def published(self) -> Sequence[KeyPair]:
        """Those in the metadata, the one that signs first; for errors see `current`."""
        stored, now = self._stored(), self._now()
        good = [row for row in stored if now < row.pair.expires_at] or [stored[-1]]
        ripe = [row for row in good if now - row.created_at >= SIGNS_AFTER]
        signing = ripe[-1] if ripe else good[0]
        return [signing.pair, *(row.pair for row in good if row is not signing)]

    def decrypting(self) -> Sequence[KeyPair]:
        """Those that may decrypt, the newest first; for errors see `current`."""
        return self._decrypting(self._stored())

    def status(self) -> CertificateStatus | None:
        """When our certificates expire, read afresh; None where there is none yet. Makes none.

        Raises:
            SamlCertificateUnreadable: a row is damaged.
            DatabaseUnavailable: the database does not answer.
        """
        stored = self._read()
        if not stored:
            return None
        newest, *former = self._decrypting(stored)
        return CertificateStatus(
            newest.expires_at,
            is_renewed_here=self._is_ours(),
            former_expires_at=former[0].expires_at if former else None,
        )

    def _decrypting(self, stored: Sequence[StoredPair]) -> Sequence[KeyPair]:
        now, newest = self._now(), stored[-1]
        former = [
            row.pair
            for row, successor in pairwise(stored)
            if now < max(row.pair.expires_at, successor.created_at) + DECRYPTS_FOR
        ]
        return [newest.pair, *former[::-1]]

    def _stored(self) -> tuple[StoredPair, ...]:
        """What there is, not empty, the oldest first. A database that is away does not take it away."""
        try:
            return self._kept.get()
        except DatabaseUnavailable:
            last = self._kept.last
            if last is None:
                raise
            logger.warning("saml_certificates_not_refreshed")
            return last

    def _load(self) -> tuple[StoredPair, ...]:
        """Read the table, and make what is missing where that is our part."""
        stored = self._read()
        if self._is_complete(stored):
            return stored
        if not self._is_ours():
            if not stored:
                raise SamlCertificateMissing(NONE_YET)
            return stored
        self._add(after=stored[-1].row_id if stored else _NOBODY)
        return self._read()

    def _read(self) -> tuple[StoredPair, ...]:
        with self._database.connection():
            found = rows.list_certificates()
        parsed = {row.row_id: row for row in self._kept.last or ()}
        return tuple(
            parsed.get(row.id)
            or StoredPair(
                row.id,
                row.created_at,
                read_pair(
                    row_id=row.id,
                    cert_data=row.cert_data,
                    cert_key=row.cert_key,
                    encryption_key=row.encryption_key,
                ),
            )
            for row in found
        )

    def _is_complete(self, stored: Sequence[StoredPair]) -> bool:
        """Whether none has to be made now."""
        return bool(stored) and self._now() < stored[-1].pair.expires_at - RENEWED_BEFORE

    def _is_ours(self) -> bool:
        """Whether rows may be added: a table ``schema_migration`` says that the schema is Hanko's."""
        return catalogue.inspect(self._database).owner != "hanko"

    def _add(self, *, after: UUID) -> None:
        """Store a certificate as the successor of *after*, unless another host has done so meanwhile."""
        now = self._now()
        row = make_row(self._service_name, now=now)
        try:
            self._database.transaction(
                lambda: rows.create(
                    id=uuid5(_SUCCESSORS, str(after)),
                    cert_data=row.cert_data,
                    cert_key=row.cert_key,
                    encryption_key=row.encryption_key,
                    now=now,
                )
            )
        except IntegrityError:
            return
        logger.info("saml_certificate_made")
