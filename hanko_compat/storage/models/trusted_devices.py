"""The table ``trusted_devices``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.users import User


class TrustedDevice(Row):
    """A device on which a user need not show the second factor again."""

    id = UUIDField(primary_key=True, default=uuid4)
    user = reference(User, "user_id", null=True, on_update="CASCADE")
    device_token = peewee.CharField(max_length=128, null=True)
    expires_at = UtcDateTimeField()
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()

    class Meta:
        table_name = "trusted_devices"


TrustedDevice.add_index(TrustedDevice.device_token, name="trusted_devices_device_token_idx")
# Not in Hanko's own layout on PostgreSQL; MySQL makes it with the foreign key.
TrustedDevice.add_index(TrustedDevice.user, name="trusted_devices_user_id_idx")
