"""The table ``hanko_compat_connect_tokens``."""

from datetime import datetime
from uuid import UUID

from hanko_compat.storage import lists
from hanko_compat.storage.lists import Branch, Query
from hanko_compat.storage.models import ConnectToken

TYPES = ("passkey-append", "passkey-delete", "passkey-list", "passkey-login")
INITIAL, CONSUMED = "initial", "consumed"
STATUSES = (INITIAL, CONSUMED)


def create(
    token_id: UUID,
    *,
    secret_hash: str,
    type_: str,
    identifier: str,
    display_name: str | None,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Write a token that nobody has used yet."""
    ConnectToken.insert(
        id=token_id,
        secret_hash=secret_hash,
        type=type_,
        identifier=identifier,
        display_name=display_name,
        status=INITIAL,
        expires_at=expires_at,
        created_at=now,
    ).execute()


def exists(token_id: UUID) -> bool:
    """Whether there is such a token."""
    return ConnectToken.select(ConnectToken.id).where(ConnectToken.id == token_id).exists()


def update(token_id: UUID, *, status: str) -> None:
    """Set the status of a token."""
    ConnectToken.update(status=status).where(ConnectToken.id == token_id).execute()


def delete(token_id: UUID) -> bool:
    """Delete a token; False when there is none."""
    return ConnectToken.delete().where(ConnectToken.id == token_id).execute() == 1


def list_page(query: Query) -> list[ConnectToken]:
    """The tokens of a page, in order."""
    ids = [token_id for _, token_id in lists.list_keys(_branches(query), query)]
    if not ids:
        return []
    rows = {row.id: row for row in ConnectToken.select().where(ConnectToken.id.in_(ids))}
    return [rows[token_id] for token_id in ids if token_id in rows]


def count(query: Query, *, at_most: int | None) -> int:
    """How many tokens the conditions of *query* leave; *at_most*, as soon as there are so many."""
    return lists.count(_branches(query), query.conditions, at_most=at_most)


def estimate(query: Query) -> int | None:
    """About how many these are, where the database knows."""
    return lists.estimate(_branches(query), query.conditions)


def _branches(query: Query) -> list[Branch]:
    """All tokens at once, or each type or status by itself where they are sorted by it."""
    columns = {
        "id": ConnectToken.id,
        "expires": ConnectToken.expires_at,
        "type": ConnectToken.type,
        "status": ConnectToken.status,
    }
    values = {"type": TYPES, "status": STATUSES}.get(query.order or "")
    if query.order is None or values is None:
        return [Branch(ConnectToken, columns)]
    column = columns[query.order]
    return [Branch(ConnectToken, columns, {query.order: value}, (column == value,)) for value in values]
