"""Queries of the table ``tokens``: log-ins at other providers that wait to become a session."""

import hmac
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from hanko_compat.storage.engine.deletion import Old
from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import Token

_CREATE = Statement(
    lambda: Token.insert(
        id=argument("id", Token.id),
        user=argument("user_id", Token.user),
        value=argument("value", Token.value),
        identity=argument("identity_id", Token.identity),
        is_flow=False,
        user_created=argument("user_created", Token.user_created),
        link_user=argument("link_user", Token.link_user),
        code_verifier=argument("code_verifier", Token.code_verifier),
        expires_at=argument("expires_at", Token.expires_at),
        created_at=argument("now", Token.created_at),
        updated_at=argument("now", Token.updated_at),
    ),
)
_FIND = Statement(
    lambda: Token.select().where((Token.value == argument("value", Token.value)) & _is_legacy()).limit(1)
)
_DELETE = Statement(lambda: Token.delete().where(Token.id == argument("id", Token.id)))


def create(
    value: str,
    *,
    user_id: UUID,
    identity_id: UUID,
    user_created: bool,
    link_user: bool,
    code_verifier: str | None,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Write a token of this API."""
    _CREATE.count(
        id=uuid4(),
        user_id=user_id,
        value=value,
        identity_id=identity_id,
        user_created=user_created,
        link_user=link_user,
        code_verifier=code_verifier,
        expires_at=expires_at,
        now=now,
    )


def find(value: str) -> Token | None:
    """The token with exactly this value, unless it is one of Hanko's flows; *value* is ASCII without NUL."""
    row: Token | None = _FIND.first(value=value)
    # Compared again: collations of MySQL and MariaDB ignore case and trailing blanks.
    return row if row is not None and hmac.compare_digest(row.value, value) else None


def consume(token_id: UUID) -> bool:
    """Delete a token. Of several callers one gets True."""
    return _DELETE.count(id=token_id) == 1


def old(*, before: datetime) -> Old:
    """Tokens that were made before a moment. Those of Hanko's flows stay."""
    return Old(Token, _is_legacy() & (Token.created_at < before), (Token.created_at,))


def _is_legacy() -> Any:
    return Token.is_flow == False  # noqa: E712
