"""Supabase: rows of ``auth.users`` as CSV or JSON, with those of ``auth.identities`` where they are there.

https://supabase.com/docs/guides/auth/managing-user-data, https://supabase.com/docs/guides/auth/identities
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, BinaryIO

from hanko_compat.errors.convert import Unconvertible
from hanko_compat.services.convert.csv_stream import csv_records
from hanko_compat.services.convert.draft import Draft
from hanko_compat.services.convert.fields import Fields
from hanko_compat.services.convert.providers import SAME_EVERYWHERE
from hanko_compat.services.user_files.json_stream import json_records
from hanko_compat.services.user_files.records import Record, buffered, is_json

PROVIDERS: Mapping[str, str] = MappingProxyType({**SAME_EVERYWHERE, "linkedin_oidc": "linkedin"})
OWN = frozenset({"email", "phone"})
REPEATED = frozenset(
    {
        *("sub", "iss", "email", "email_verified", "phone", "phone_verified", "provider_id", "custom_claims"),
        *(
            "full_name",
            "name",
            "given_name",
            "first_name",
            "family_name",
            "last_name",
            "picture",
            "avatar_url",
        ),
    }
)
"""Members of ``raw_user_meta_data`` that are copied from a provider, or taken over as what they are."""
OF_THE_SYSTEM = (
    *("instance_id", "aud", "role", "is_sso_user", "confirmed_at", "is_super_admin"),
    *("confirmation_token", "confirmation_sent_at", "recovery_token", "recovery_sent_at", "invited_at"),
    *("email_change", "email_change_token_new", "email_change_token_current", "email_change_sent_at"),
    *("email_change_confirm_status", "phone_change", "phone_change_token", "phone_change_sent_at"),
    *("reauthentication_token", "reauthentication_sent_at", "phone_confirmed_at", "is_anonymous", "idx"),
)


def read(stream: BinaryIO) -> Iterator[Record]:
    """The users of the file."""
    start = buffered(stream)
    if is_json(start):
        return json_records(start, arrays={"users"})
    return csv_records(start, needs=("email", "encrypted_password"))


def fill(user: Fields, draft: Draft) -> None:
    """Take a user over.

    Raises:
        Unconvertible: deleted there.
    """
    if user.moment("deleted_at"):
        raise Unconvertible("deleted there (deleted_at)")
    draft.identify(user.text("id"))
    draft.add_address(user.text("email"), is_verified=user.moment("email_confirmed_at") is not None)
    draft.note_times(user.moment("created_at"), user.moment("updated_at"))
    banned_until = user.moment("banned_until")
    draft.is_disabled = banned_until is not None and banned_until > draft.options.now
    _take_profile(user, draft)
    app = user.mapping("raw_app_meta_data", "app_metadata")
    draft.add_metadata(
        "public", {name: each for name, each in app.items() if name not in ("provider", "providers")}
    )
    with draft.taking_hash():
        draft.set_password(user.text("encrypted_password"))
    for account in user.each("identities"):
        _take_account(account, draft)
    user.ignore(*OF_THE_SYSTEM)


def _take_profile(user: Fields, draft: Draft) -> None:
    """Take names and what the application keeps; users may change all of it."""
    kept: dict[str, Any] = user.mapping("raw_user_meta_data", "user_metadata")
    profile = Fields({name: value for name, value in kept.items() if isinstance(value, str)})
    draft.describe(
        name=profile.text("full_name", "name"),
        given_name=profile.text("given_name", "first_name") or user.text("first_name"),
        family_name=profile.text("family_name", "last_name") or user.text("last_name"),
        picture=profile.text("avatar_url", "picture"),
    )
    draft.add_metadata("unsafe", {name: each for name, each in kept.items() if name not in REPEATED})


def _take_account(account: Fields, draft: Draft) -> None:
    provider = account.text("provider")
    if provider in OWN:
        return
    profile = Fields(account.mapping("identity_data"))
    draft.add_identity(
        provider,
        profile.text("sub") or account.text("provider_id", "id"),
        known=PROVIDERS,
        email=profile.text("email") or account.text("email"),
        claims={
            "name": profile.text("full_name", "name"),
            "picture": profile.text("avatar_url", "picture"),
            "preferred_username": profile.text("preferred_username", "user_name"),
        },
        created_at=account.moment("created_at"),
        updated_at=account.moment("updated_at"),
    )
