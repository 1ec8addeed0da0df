"""The table ``hanko_compat_user_states``: what the backend door keeps of a user beyond Hanko's columns."""

from enum import StrEnum

import peewee

from hanko_compat.storage.engine.fields import EnumField, UtcDateTimeField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.users import User


class UserStatus(StrEnum):
    """Only who is active may log in."""

    PENDING = "pending"
    ACTIVE = "active"
    DISABLED = "disabled"


class UserState(Row):
    """The status of a user, and the WebAuthn user handle that a server chose. No row means active, and none.

    ``created_at`` is the user's, which never changes: users of one status are listed in its order.
    """

    user = reference(User, "user_id", primary_key=True)
    status = EnumField(UserStatus, max_length=16)
    webauthn_id = peewee.CharField(null=True)
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "hanko_compat_user_states"


UserState.add_index(UserState.webauthn_id, unique=True, name="hanko_compat_user_states_webauthn_id_idx")
UserState.add_index(UserState.status, UserState.user, name="hanko_compat_user_states_status_user_id_idx")
UserState.add_index(
    UserState.status,
    UserState.created_at,
    UserState.user,
    name="hanko_compat_user_states_status_created_at_user_id_idx",
)
