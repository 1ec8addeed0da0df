"""The table ``hanko_compat_passkey_events``: what servers note of passkeys."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.users import User


class PasskeyEvent(Row):
    """Something that happened around a user's passkeys; all but the type is as the server gave it."""

    id = UUIDField(primary_key=True, default=uuid4)
    user = reference(User, "user_id")
    type = peewee.CharField(max_length=64)
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
