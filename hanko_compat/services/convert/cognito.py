"""Amazon Cognito: the table that its user pools import, and the JSON of ``aws cognito-idp list-users``.

Neither has hashes of passwords: Cognito gives them to nobody.
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool.html
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, BinaryIO

from hanko_compat.services.convert.csv_stream import csv_records
from hanko_compat.services.convert.draft import Draft
from hanko_compat.services.convert.fields import Fields
from hanko_compat.services.user_files.json_stream import json_records
from hanko_compat.services.user_files.records import Record, buffered, is_json
from hanko_compat.uuid_text import is_canonical

PROVIDERS: Mapping[str, str] = MappingProxyType(
    {"Google": "google", "Facebook": "facebook", "SignInWithApple": "apple"}
)
USERNAME = "cognito:username"
EXTERNAL = "EXTERNAL_PROVIDER"
CUSTOM = "custom:"
"""Attributes that the pool's owner has added begin with it."""


def read(stream: BinaryIO) -> Iterator[Record]:
    """The users of the file."""
    start = buffered(stream)
    if is_json(start):
        return map(_flat, json_records(start, arrays={"Users"}))
    return csv_records(start, needs=("email", USERNAME, "phone_number"))


def fill(user: Fields, draft: Draft) -> None:
    """Take a user over."""
    username, address = user.text(USERNAME), user.text("email")
    draft.identify(user.text("sub") or username)
    draft.add_address(address, is_verified=bool(user.flag("email_verified")))
    # The username is a UUID where users log in with their address, and made up for those of other providers.
    is_made_up = is_canonical(username) or user.text("UserStatus") == EXTERNAL
    draft.name_user(user.text("preferred_username") if is_made_up else username)
    draft.describe(
        name=user.text("name"),
        given_name=user.text("given_name"),
        family_name=user.text("family_name"),
        picture=user.text("picture"),
    )
    draft.is_disabled = user.flag("Enabled") is False
    draft.note_times(user.moment("UserCreateDate"), user.moment("UserLastModifiedDate", "updated_at"))
    for account in user.each("identities"):
        draft.add_identity(
            account.text("providerType", "providerName"),
            account.text("userId"),
            known=PROVIDERS,
            email=address,
            created_at=account.moment("dateCreated"),
        )
    user.ignore(
        "phone_number_verified", "cognito:user_status", "UserStatus", "updated_at", "identity_provider"
    )
    custom = {name: value for name in user.names() if name.startswith(CUSTOM) and (value := user.value(name))}
    # A pool's owner decides which of them users may read, so only servers do here.
    draft.add_metadata("private", custom)


def _flat(record: Record) -> Record:
    """The record with its attributes as members, as the table has them."""
    if record.fault:
        return record
    members: dict[str, Any] = {name: each for name, each in record.members.items() if name != "Attributes"}
    attributes = record.members.get("Attributes", record.members.get("UserAttributes", []))
    for attribute in attributes if isinstance(attributes, list) else []:
        name = attribute.get("Name") if isinstance(attribute, dict) else None
        if isinstance(name, str):
            members.setdefault(name, attribute.get("Value"))
    members[USERNAME] = members.pop("Username", None)
    return Record(record.number, members)
