"""The table ``hanko_compat_passkey_events``: what servers note of passkeys."""

from enum import StrEnum
from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import EnumField, UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.users import User


class PasskeyEventType(StrEnum):
    """What happened."""

    USER_LOGIN_BLACKLISTED = "user-login-blacklisted"
    LOGIN_EXPLICIT_ABORT = "login-explicit-abort"
    LOGIN_ERROR = "login-error"
    LOGIN_ERROR_UNTYPED = "login-error-untyped"
    LOGIN_ONE_TAP_SWITCH = "login-one-tap-switch"
    LOGIN_NO_CREDENTIALS = "login-no-credentials"
    USER_APPEND_AFTER_CROSS_PLATFORM_BLACKLISTED = "user-append-after-cross-platform-blacklisted"
    USER_APPEND_AFTER_LOGIN_ERROR_BLACKLISTED = "user-append-after-login-error-blacklisted"
    APPEND_CREDENTIAL_EXISTS = "append-credential-exists"
    APPEND_EXPLICIT_ABORT = "append-explicit-abort"
    APPEND_ERROR = "append-error"


class PasskeyEvent(Row):
    """Something that happened around a user's passkeys; all but the type is as the server gave it."""

    id = UUIDField(primary_key=True, default=uuid4)
    user = reference(User, "user_id")
    type = EnumField(PasskeyEventType, max_length=64)
    process_id = peewee.CharField(null=True)
    client_env_id = peewee.CharField(null=True)
    credential_id = peewee.CharField(null=True)
    challenge = peewee.TextField(null=True)
    expires = peewee.BigIntegerField(null=True)
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "hanko_compat_passkey_events"


PasskeyEvent.add_index(
    PasskeyEvent.user, PasskeyEvent.created_at, name="hanko_compat_passkey_events_user_id_created_at_idx"
)
