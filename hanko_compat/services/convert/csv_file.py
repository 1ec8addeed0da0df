"""A table of one's own, for all other systems: any database makes one, and so does a spreadsheet."""

from collections.abc import Iterator
from typing import BinaryIO

from hanko_compat.services.convert.csv_stream import csv_records
from hanko_compat.services.convert.draft import METADATA, Draft
from hanko_compat.services.convert.fields import Fields
from hanko_compat.services.user_files.records import Record

COLUMNS = (
    *("id", "email", "email_verified", "other_verified_emails", "other_emails", "username"),
    *("password_hash", "password_changed_at", "otp_secret"),
    *("name", "given_name", "family_name", "picture", "is_disabled", "created_at", "updated_at"),
    *(f"{kind}_metadata" for kind in METADATA),
)
"""The columns there may be, in any order."""


def read(stream: BinaryIO) -> Iterator[Record]:
    """The users of the file."""
    return csv_records(stream, needs=("email", "username"))


def fill(user: Fields, draft: Draft) -> None:
    """Take a user over."""
    draft.identify(user.text("id"))
    draft.add_address(user.text("email"), is_verified=user.flag("email_verified"), is_primary=True)
    for address in user.text("other_verified_emails").replace(";", " ").split():
        draft.add_address(address, is_verified=True)
    for address in user.text("other_emails").replace(";", " ").split():
        draft.add_address(address, is_verified=False)
    draft.name_user(user.text("username"))
    draft.describe(
        name=user.text("name"),
        given_name=user.text("given_name"),
        family_name=user.text("family_name"),
        picture=user.text("picture"),
    )
    draft.is_disabled = bool(user.flag("is_disabled"))
    draft.note_times(user.moment("created_at"), user.moment("updated_at"))
    draft.set_otp_secret(user.text("otp_secret"))
    for kind in METADATA:
        draft.add_metadata(kind, user.mapping(f"{kind}_metadata"))
    with draft.taking_hash():
        draft.set_password(user.text("password_hash"), changed_at=user.moment("password_changed_at"))
