"""The table ``hanko_compat_identifiers``: phone numbers, and the usernames of servers."""

from enum import StrEnum
from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import EnumField, UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.usernames import Username
from hanko_compat.storage.models.users import User


class IdentifierType(StrEnum):
    """What a user logs in with; addresses lie in ``emails``."""

    EMAIL = "email"
    PHONE = "phone"
    USERNAME = "username"


class IdentifierStatus(StrEnum):
    """Whether the user has confirmed it; of each type one may be primary."""

    PENDING = "pending"
    PRIMARY = "primary"
    VERIFIED = "verified"


class Identifier(Row):
    """A phone number or a username.

    ``folded`` is the form in which the value is compared, which is unique for each type. A username that has
    a row in ``usernames``, too, has the id of that row and is deleted with it.
    """

    id = UUIDField(primary_key=True, default=uuid4)
    user = reference(User, "user_id")
    username = reference(Username, "username_id", null=True)
    type = EnumField(IdentifierType, max_length=16)
    value = peewee.CharField()
    folded = peewee.CharField()
    status = EnumField(IdentifierStatus, max_length=16)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()

    class Meta:
        table_name = "hanko_compat_identifiers"


Identifier.add_index(
    Identifier.type, Identifier.folded, unique=True, name="hanko_compat_identifiers_type_folded_idx"
)
Identifier.add_index(Identifier.user, name="hanko_compat_identifiers_user_id_idx")
Identifier.add_index(Identifier.username, name="hanko_compat_identifiers_username_id_idx")
# The orders in which identifiers are listed, with the columns they are filtered by.
Identifier.add_index(
    Identifier.type,
    Identifier.created_at,
    Identifier.id,
    Identifier.username,
    Identifier.user,
    Identifier.folded,
    name="hanko_compat_identifiers_type_created_at_id_username_id_idx",
)
Identifier.add_index(
    Identifier.type,
    Identifier.folded,
    Identifier.id,
    Identifier.username,
    Identifier.user,
    name="hanko_compat_identifiers_type_folded_id_username_id_user_id_idx",
)
Identifier.add_index(
    Identifier.type,
    Identifier.user,
    Identifier.id,
    Identifier.username,
    Identifier.folded,
    name="hanko_compat_identifiers_type_user_id_id_username_id_folded_idx",
)
