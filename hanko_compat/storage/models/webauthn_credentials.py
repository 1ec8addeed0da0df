"""The table ``webauthn_credentials``."""

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.users import User
from hanko_compat.storage.models.webauthn_credential_user_handles import WebauthnCredentialUserHandle


class WebauthnCredential(Row):
    """A passkey or security key; the id is the credential ID in base64url without padding.

    ``public_key`` is the COSE key in base64url without padding; ``sign_count`` has 31 bits here, 32 in
    WebAuthn.
    """

    id = peewee.CharField(primary_key=True)
    user = reference(User, "user_id", on_update="CASCADE")
    public_key = peewee.TextField()
    attestation_type = peewee.CharField()
    aaguid = UUIDField()
    sign_count = peewee.IntegerField()
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    name = peewee.CharField(null=True)
    backup_eligible = peewee.BooleanField(default=False, constraints=[peewee.SQL("DEFAULT false")])
    backup_state = peewee.BooleanField(default=False, constraints=[peewee.SQL("DEFAULT false")])
    last_used_at = UtcDateTimeField(null=True)
    mfa_only = peewee.BooleanField(default=False, constraints=[peewee.SQL("DEFAULT false")])
    user_handle = reference(
        WebauthnCredentialUserHandle,
        "user_handle_id",
        null=True,
        on_delete="SET NULL",
        on_update="CASCADE",
        constraint_name="webauthn_credentials_webauthn_credential_user_handles_id_fk",
    )

    class Meta:
        table_name = "webauthn_credentials"
        constraints = [
            peewee.SQL(
                "CONSTRAINT webauthn_credential_user_handle_fkey FOREIGN KEY (user_handle_id, user_id)"
                " REFERENCES webauthn_credential_user_handles (id, user_id)"
                " ON DELETE NO ACTION ON UPDATE CASCADE"
            )
        ]


# Not in Hanko's own layout on PostgreSQL; MySQL makes it with the foreign key.
WebauthnCredential.add_index(WebauthnCredential.user, name="webauthn_credentials_user_id_idx")
WebauthnCredential.add_index(
    WebauthnCredential.user_handle,
    WebauthnCredential.user,
    name="webauthn_credentials_user_handle_id_user_id_idx",
)
