"""The table ``webauthn_credential_transports``."""

import peewee

from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.webauthn_credentials import WebauthnCredential


class WebauthnCredentialTransport(Row):
    """How a client may reach an authenticator (``internal``, ``usb``, ...), one row each."""

    id = peewee.CharField(primary_key=True)
    name = peewee.CharField()
    webauthn_credential = reference(WebauthnCredential, "webauthn_credential_id", on_update="CASCADE")

    class Meta:
        table_name = "webauthn_credential_transports"


WebauthnCredentialTransport.add_index(
    WebauthnCredentialTransport.name,
    WebauthnCredentialTransport.webauthn_credential,
    unique=True,
    name="webauthn_credential_transports_name_webauthn_credential_id_idx",
)
# Not in Hanko's own layout on PostgreSQL; MySQL makes it with the foreign key.
WebauthnCredentialTransport.add_index(
    WebauthnCredentialTransport.webauthn_credential,
    name="webauthn_credential_transports_webauthn_credential_id_idx",
)
