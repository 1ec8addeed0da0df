"""The table ``hanko_compat_passkey_events``: what servers note of passkeys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from hanko_compat.storage.engine import paging as lists
from hanko_compat.storage.engine.paging import Branch, Matching, Query
from hanko_compat.storage.models import PasskeyEvent
from hanko_compat.storage.models.passkey_events import PasskeyEventType


class PasskeyEventRecord(NamedTuple):
    """A note; None for what the server left out."""

    id: UUID
    user_id: UUID
    type: PasskeyEventType
    process_id: str | None
    client_env_id: str | None
    credential_id: str | None
    challenge: str | None
    expires: int | None
    created_at: datetime


def create(record: PasskeyEventRecord) -> PasskeyEventRecord:
    """Write a note, and return it as it is stored.

    Raises:
        IntegrityError: there is no such user.
    """
    values = record._asdict()
    PasskeyEvent.insert(user=values.pop("user_id"), **values).execute()
    field: Any = PasskeyEvent.created_at  # in whole seconds on some databases
    return record._replace(created_at=field.python_value(field.db_value(record.created_at)))


def delete(event_id: UUID, *, user_id: UUID) -> bool:
    """Delete a note; False when there is none with this id, or it is another user's."""
    is_it = (PasskeyEvent.id == event_id) & (PasskeyEvent.user == user_id)
    return PasskeyEvent.delete().where(is_it).execute() == 1


def list_page(user_id: UUID, query: Query) -> list[PasskeyEventRecord]:
    """The notes of a page of the user's, in order."""
    return lists.list_page([_branch(user_id)], query, _by_id)


def matching(user_id: UUID, query: Query) -> Matching:
    """All notes of the user that the conditions of *query* leave."""
    return Matching([_branch(user_id)], query.conditions)


def _by_id(ids: Sequence[UUID]) -> dict[UUID, PasskeyEventRecord]:
    rows = (
        PasskeyEvent.select(
            PasskeyEvent.id,
            PasskeyEvent.user,
            PasskeyEvent.type,
            PasskeyEvent.process_id,
            PasskeyEvent.client_env_id,
            PasskeyEvent.credential_id,
            PasskeyEvent.challenge,
            PasskeyEvent.expires,
            PasskeyEvent.created_at,
        )
        .where(PasskeyEvent.id.in_(ids))
        .tuples()
    )
    return {row[0]: PasskeyEventRecord(*row) for row in rows}


def _branch(user_id: UUID) -> Branch:
    columns: dict[str, Any] = {"created": PasskeyEvent.created_at, "type": PasskeyEvent.type}
    return Branch(PasskeyEvent, columns, where=(PasskeyEvent.user == user_id,))
