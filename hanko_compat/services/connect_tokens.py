"""Connect tokens: a server makes one for one operation in a browser, and hands its secret to the page."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from hanko_compat import random_secrets
from hanko_compat.clock import Clock
from hanko_compat.errors.connect_tokens import ConnectTokenNotFound
from hanko_compat.services.paging import Page, Query, Totals
from hanko_compat.storage import connect_tokens as rows
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import ConnectToken
from hanko_compat.storage.models.connect_tokens import ConnectTokenStatus, ConnectTokenType

__all__ = ["ConnectTokenRecord", "ConnectTokenStatus", "ConnectTokenType", "ConnectTokens", "TokenHolder"]

PREFIX = "ctk1_"
LENGTH = 30  # characters; log2(62) bits each, so that SHA-256 is enough to store them
LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """For whom a token is; the name where a passkey will be added, and None otherwise."""

    identifier: str
    display_name: str | None


@dataclass(frozen=True, slots=True)
class ConnectTokenRecord:
    """A token; only the call that makes it returns its ``secret``."""

    id: UUID
    type: ConnectTokenType
    holder: TokenHolder
    status: ConnectTokenStatus
    expires_at: datetime
    secret: str | None = None


class ConnectTokens:
    """What servers do with connect tokens."""

    def __init__(self, database: Database, *, totals: Totals, now: Clock) -> None:
        self._database = database
        self._totals = totals
        self._now = now

    def create(
        self,
        *,
        type_: ConnectTokenType,
        identifier: str,
        display_name: str | None,
        lifetime: timedelta | None,
    ) -> ConnectTokenRecord:
        """Make a token; *display_name* is kept where a passkey will be added. By default it lives an hour."""
        now = self._now()
        token = ConnectTokenRecord(
            id=uuid4(),
            type=type_,
            holder=TokenHolder(identifier, display_name if type_ == ConnectTokenType.APPEND else None),
            status=ConnectTokenStatus.INITIAL,
            expires_at=now + (lifetime or LIFETIME),
            secret=PREFIX + random_secrets.text(LENGTH),
        )

        def work() -> None:
            rows.create(
                token.id,
                secret_hash=_digest(token.secret or ""),
                type_=token.type,
                identifier=token.holder.identifier,
                display_name=token.holder.display_name,
                expires_at=token.expires_at,
                now=now,
            )

        self._database.transaction(work)
        return token

    def list(self, query: Query) -> Page[ConnectTokenRecord]:
        """A page of all tokens, without their secrets; columns: id, type, status, expires."""
        with self._database.connection():
            found = rows.list_page(query)
            matching = rows.matching(query)
            total = self._totals.of(
                "connect_tokens", query, len(found), matching.count, estimate=matching.estimate
            )
        return Page([_record(row) for row in found], total)

    def update(self, token_id: UUID, *, status: ConnectTokenStatus) -> None:
        """Set the status of a token; either may follow the other.

        Raises:
            ConnectTokenNotFound: no such token.
        """

        def work() -> None:
            # The number of changed rows would not tell: MySQL counts none where the status is the same.
            if not rows.exists(token_id):
                raise ConnectTokenNotFound
            rows.update(token_id, status=status)

        self._database.transaction(work)

    def delete(self, token_id: UUID) -> None:
        """Delete a token.

        Raises:
            ConnectTokenNotFound: no such token.
        """
        if not self._database.transaction(lambda: rows.delete(token_id)):
            raise ConnectTokenNotFound


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _record(row: ConnectToken) -> ConnectTokenRecord:
    holder = TokenHolder(row.identifier, row.display_name)
    status = ConnectTokenStatus.CONSUMED if row.is_consumed else ConnectTokenStatus.INITIAL
    return ConnectTokenRecord(row.id, row.type, holder, status, row.expires_at)
