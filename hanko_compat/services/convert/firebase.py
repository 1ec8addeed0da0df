"""Firebase Authentication: the JSON file of ``firebase auth:export`` (https://firebase.google.com/docs/cli/auth)."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import BinaryIO

from hanko_compat.services.convert.draft import Draft
from hanko_compat.services.convert.fields import Fields
from hanko_compat.services.user_files.json_stream import json_records
from hanko_compat.services.user_files.records import Record

PROVIDERS: Mapping[str, str] = MappingProxyType(
    {"google.com": "google", "facebook.com": "facebook", "apple.com": "apple", "github.com": "github"}
)
OWN = frozenset({"password", "phone", "emailLink"})
"""Ways to log in that are no account elsewhere; what they log in with stands in other members."""


def read(stream: BinaryIO) -> Iterator[Record]:
    """The users of the file."""
    return json_records(stream, arrays={"users"})


def fill(user: Fields, draft: Draft) -> None:
    """Take a user over."""
    draft.identify(user.text("localId"))
    draft.add_address(user.text("email"), is_verified=bool(user.flag("emailVerified")))
    draft.describe(name=user.text("displayName"), picture=user.text("photoUrl"))
    draft.is_disabled = bool(user.flag("disabled"))
    draft.note_times(user.moment("createdAt"))
    # Custom claims stand in the tokens of the user, who can't change them. Exports have them as text.
    draft.add_metadata("public", user.mapping("customAttributes"))
    key, salt = user.text("passwordHash"), user.text("salt")
    with draft.taking_hash():
        if key and draft.options.hash_config is not None:
            draft.set_password(draft.options.hash_config.hash_of(key, salt=salt))
    for account in user.each("providerUserInfo"):
        provider = account.text("providerId")
        if provider in OWN:
            continue
        draft.add_identity(
            provider,
            account.text("rawId"),
            known=PROVIDERS,
            email=account.text("email"),
            claims={"name": account.text("displayName"), "picture": account.text("photoUrl")},
        )
    user.ignore("version", "validSince")
