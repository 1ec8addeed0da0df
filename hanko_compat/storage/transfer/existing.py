"""Who has what an import brings: a look before the unique keys decide, to say what clashes with whom."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hanko_compat.batches import batches
from hanko_compat.casefold import username_form
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import (
    Email,
    Identifier,
    Identity,
    User,
    Username,
    UserState,
    WebauthnCredential,
    WebauthnCredentialUserHandle,
)
from hanko_compat.storage.models.identifiers import IdentifierType

MODELS = (
    User,
    Email,
    Username,
    Identifier,
    UserState,
    WebauthnCredential,
    WebauthnCredentialUserHandle,
    Identity,
)
CHUNK = 500
"""Values that one query asks for: every database takes so many."""


@dataclass(slots=True)
class Wanted:
    """What some users are going to have; usernames in every form in which they may be stored."""

    user_ids: set[UUID] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    usernames: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    webauthn_ids: set[str] = field(default_factory=set)
    credential_ids: set[str] = field(default_factory=set)
    user_handles: set[str] = field(default_factory=set)
    subjects: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Existing:
    """Who has it, by user: None for an address that nobody has yet, and ``email_ids`` has their rows.

    Usernames are in `username_form`; identities are pairs of provider and subject.
    """

    user_ids: set[UUID] = field(default_factory=set)
    addresses: dict[str, UUID | None] = field(default_factory=dict)
    email_ids: dict[str, UUID] = field(default_factory=dict)
    usernames: dict[str, UUID | None] = field(default_factory=dict)
    phones: dict[str, UUID] = field(default_factory=dict)
    webauthn_ids: dict[str, UUID] = field(default_factory=dict)
    credential_ids: dict[str, UUID] = field(default_factory=dict)
    user_handles: dict[str, UUID | None] = field(default_factory=dict)
    identities: dict[tuple[str, str], UUID | None] = field(default_factory=dict)


def is_empty() -> bool:
    """Whether nobody has any such thing, so that there is nothing to find. Needs a connection."""
    return not any(model.select().exists() for model in MODELS)


def find(database: Database, wanted: Wanted) -> Existing:
    """Who has any of what is *wanted*. Needs a connection."""
    found = Existing()
    found.user_ids = {row[0] for row in _rows(database, User, ("id",), wanted.user_ids)}
    for address, email_id, user_id in _rows(database, Email, ("address", "id", "user_id"), wanted.addresses):
        found.addresses[address] = user_id
        found.email_ids[address] = email_id
    for name, user_id in _rows(database, Username, ("username", "user_id"), wanted.usernames):
        found.usernames[username_form(name)] = user_id
    for own, kind in ((wanted.usernames, IdentifierType.USERNAME), (wanted.phones, IdentifierType.PHONE)):
        owners: dict[str, Any] = found.usernames if kind == IdentifierType.USERNAME else found.phones
        for form, type_, user_id in _rows(database, Identifier, ("folded", "type", "user_id"), own):
            if type_ == kind:
                owners[username_form(form) if kind == IdentifierType.USERNAME else form] = user_id
    found.webauthn_ids = dict(_rows(database, UserState, ("webauthn_id", "user_id"), wanted.webauthn_ids))
    found.credential_ids = dict(_rows(database, WebauthnCredential, ("id", "user_id"), wanted.credential_ids))
    handles = _rows(database, WebauthnCredentialUserHandle, ("handle", "user_id"), wanted.user_handles)
    found.user_handles = dict(handles)
    columns = ("provider_user_id", "provider_id", "user_id", "email_id")
    owned_by_address: dict[UUID, list[tuple[str, str]]] = {}
    for subject, provider_id, user_id, email_id in _rows(database, Identity, columns, wanted.subjects):
        found.identities[provider_id, subject] = user_id
        if user_id is None and email_id is not None:
            owned_by_address.setdefault(email_id, []).append((provider_id, subject))
    # Older identities have no user of their own: they belong to that of their address.
    for email_id, user_id in _rows(database, Email, ("id", "user_id"), owned_by_address):
        found.identities |= dict.fromkeys(owned_by_address[email_id], user_id)
    return found


def _rows(database: Database, model: Any, columns: Sequence[str], values: Collection[Any]) -> Iterator[Any]:
    """The *columns* of the rows whose first one is among *values*."""
    if not values:
        return
    fields = [model._meta.columns[name] for name in columns]
    before, after = database.peewee.quote
    names = [f"{before}{name}{after}" for name in columns]
    start = f"SELECT {', '.join(names)} FROM {before}{model._meta.table_name}{after} WHERE {names[0]} IN"  # noqa: S608
    for chunk in batches(values, size=CHUNK):
        places = ", ".join([database.peewee.param] * len(chunk))
        parameters = [fields[0].db_value(value) for value in chunk]
        for row in database.peewee.execute_sql(f"{start} ({places})", parameters).fetchall():
            yield tuple(column.python_value(value) for column, value in zip(fields, row, strict=True))
