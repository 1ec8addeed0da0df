"""The table ``hanko_compat_connect_tokens``."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from hanko_compat.storage.engine import paging as lists
from hanko_compat.storage.engine.deletion import Old
from hanko_compat.storage.engine.paging import Branch, Matching, Query
from hanko_compat.storage.models import ConnectToken
from hanko_compat.storage.models.connect_tokens import ConnectTokenStatus, ConnectTokenType


def create(
    token_id: UUID,
    *,
    secret_hash: str,
    type_: ConnectTokenType,
    identifier: str,
    display_name: str | None,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Write a token that was not used yet."""
    ConnectToken.insert(
        id=token_id,
        secret_hash=secret_hash,
        type=type_,
        identifier=identifier,
        display_name=display_name,
        is_consumed=False,
        expires_at=expires_at,
        created_at=now,
    ).execute()


def exists(token_id: UUID) -> bool:
    """Whether there is such a token."""
    return ConnectToken.select(ConnectToken.id).where(ConnectToken.id == token_id).exists()


def update(token_id: UUID, *, status: ConnectTokenStatus) -> None:
    """Set the status of a token."""
    is_consumed = status == ConnectTokenStatus.CONSUMED
    ConnectToken.update(is_consumed=is_consumed).where(ConnectToken.id == token_id).execute()


def delete(token_id: UUID) -> bool:
    """Delete a token; False when there is none."""
    return ConnectToken.delete().where(ConnectToken.id == token_id).execute() == 1


def expired(*, before: datetime) -> Old:
    """Tokens that expired before a moment, used or not."""
    return Old(ConnectToken, ConnectToken.expires_at < before, (ConnectToken.expires_at,))


def list_page(query: Query) -> list[ConnectToken]:
    """The tokens of a page, in order."""
    return lists.list_page(_branches(query), query, _by_id)


def matching(query: Query) -> Matching:
    """All tokens that the conditions of *query* leave."""
    return Matching(_branches(query), query.conditions)


def _by_id(ids: Sequence[UUID]) -> dict[UUID, ConnectToken]:
    return {row.id: row for row in ConnectToken.select().where(ConnectToken.id.in_(ids))}


def _branches(query: Query) -> list[Branch]:
    """All tokens at once, or each type or status by itself where they are sorted by it."""
    asked = [each for each in query.conditions if each.column == "status"]
    statuses = [status for status in ConnectTokenStatus if all(lists.holds(status, each) for each in asked)]
    if query.order == "status" or not statuses:
        return [_tokens({"status": status}, _is(status)) for status in ConnectTokenStatus]
    where = [_is(status) for status in statuses if len(statuses) < len(ConnectTokenStatus)]
    if query.order == "type":
        return [_tokens({"type": type_}, ConnectToken.type == type_, *where) for type_ in ConnectTokenType]
    return [_tokens({}, *where)]


def _tokens(constants: Mapping[str, str], *where: Any) -> Branch:
    """Tokens; *where* already has the conditions on the status."""
    columns = {"id": ConnectToken.id, "expires": ConnectToken.expires_at, "type": ConnectToken.type}
    return Branch(ConnectToken, columns, constants, where, decided={"status"})


def _is(status: ConnectTokenStatus) -> Any:
    return ConnectToken.is_consumed == (status == ConnectTokenStatus.CONSUMED)
