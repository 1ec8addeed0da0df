"""Django: ``manage.py dumpdata auth.user``, or of a user model of the project's own, as JSON or JSON lines.

https://docs.djangoproject.com/en/stable/ref/django-admin/#dumpdata
"""

from collections.abc import Iterator
from typing import BinaryIO

from hanko_compat.errors.convert import Unconvertible
from hanko_compat.services.convert.draft import Draft
from hanko_compat.services.convert.fields import Fields
from hanko_compat.services.user_files.json_stream import json_records
from hanko_compat.services.user_files.records import Record

UNUSABLE = "!"
"""How a password begins that nobody has (``set_unusable_password``)."""


def read(stream: BinaryIO) -> Iterator[Record]:
    """The users of the file; rows of other models are none."""
    for record in json_records(stream):
        fields = record.members.get("fields")
        if record.fault or not isinstance(fields, dict) or "password" in fields:
            yield record


def fill(row: Fields, draft: Draft) -> None:
    """Take a user over.

    Raises:
        Unconvertible: no row of a fixture.
    """
    if not isinstance(row.value("fields"), dict):
        raise Unconvertible("no row of a fixture (model, pk, fields)")
    user = row.inner("fields")
    row.ignore("model")
    draft.identify(row.text("pk"))
    # Django does not say whether an address is verified; the option does.
    draft.add_address(user.text("email"), is_verified=None)
    draft.name_user(user.text("username"))
    given, family = user.text("first_name"), user.text("last_name")
    draft.describe(
        given_name=given,
        family_name=family,
        name=user.text("name", "full_name") or " ".join(filter(None, (given, family))),
    )
    draft.is_disabled = user.flag("is_active") is False
    draft.note_times(user.moment("date_joined", "created_at"), user.moment("updated_at"))
    hashed = user.text("password")
    with draft.taking_hash():
        draft.set_password("" if hashed.startswith(UNUSABLE) else hashed)
