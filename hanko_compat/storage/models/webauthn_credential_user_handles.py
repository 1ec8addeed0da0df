"""The table ``webauthn_credential_user_handles``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.users import User


class WebauthnCredentialUserHandle(Row):
    """A user handle of another system, with which an imported passkey answers.

    It is plain text, not base64url.
    """

    id = UUIDField(primary_key=True, default=uuid4)
    user = reference(User, "user_id", null=True, on_update="CASCADE")
    handle = peewee.CharField(null=True)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()

    class Meta:
        table_name = "webauthn_credential_user_handles"


WebauthnCredentialUserHandle.add_index(
    WebauthnCredentialUserHandle.handle, unique=True, name="webauthn_credential_user_handles_handle_idx"
)
WebauthnCredentialUserHandle.add_index(
    WebauthnCredentialUserHandle.id,
    WebauthnCredentialUserHandle.user,
    unique=True,
    name="webauthn_credential_user_handles_id_user_id_idx",
)
# Not in Hanko's own layout on PostgreSQL; MySQL makes it with the foreign key.
WebauthnCredentialUserHandle.add_index(
    WebauthnCredentialUserHandle.user, name="webauthn_credential_user_handles_user_id_idx"
)
