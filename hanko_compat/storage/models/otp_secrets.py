"""The table ``otp_secrets``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.users import User


class OtpSecret(Row):
    """The TOTP secret of a user's second factor, in base32."""

    id = UUIDField(primary_key=True, default=uuid4)
    user = reference(User, "user_id", null=True, on_update="CASCADE")
    secret = peewee.CharField(null=True)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()

    class Meta:
        table_name = "otp_secrets"


OtpSecret.add_index(OtpSecret.user, unique=True, name="otp_secrets_user_id_idx")
