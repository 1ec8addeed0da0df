"""The table ``hanko_compat_passkey_events``: what servers note of passkeys."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from hanko_compat.storage.engine import paging as lists
from hanko_compat.storage.engine.paging import Branch, Query
from hanko_compat.storage.models import PasskeyEvent


class PasskeyEventRecord(NamedTuple):
    """A note; None for what the server left out."""

    id: UUID
    user_id: UUID
    type: str
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
    ids = [key for _, key in lists.list_keys([_branch(user_id)], query)]
    if not ids:
        return []
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
    found = {row[0]: PasskeyEventRecord(*row) for row in rows}
    return [found[each] for each in ids if each in found]


def count(user_id: UUID, query: Query, *, at_most: int | None) -> int:
    """How many notes of the user the conditions of *query* leave; *at_most*, as soon as there are so many."""
    return lists.count([_branch(user_id)], query.conditions, at_most=at_most)


def _branch(user_id: UUID) -> Branch:
    columns: dict[str, Any] = {"created": PasskeyEvent.created_at, "type": PasskeyEvent.type}
    return Branch(PasskeyEvent, columns, where=(PasskeyEvent.user == user_id,))
