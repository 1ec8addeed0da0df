"""The table ``webauthn_session_data_allowed_credentials``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.webauthn_session_data import WebauthnSessionData


class WebauthnSessionDataAllowedCredential(Row):
    """A credential ID that may answer the challenge of a named user's log-in."""

    id = UUIDField(primary_key=True, default=uuid4)
    credential_id = peewee.CharField()
    webauthn_session_data = reference(WebauthnSessionData, "webauthn_session_data_id", on_update="CASCADE")
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()

    class Meta:
        table_name = "webauthn_session_data_allowed_credentials"


# Not in Hanko's own layout on PostgreSQL; MySQL makes it with the foreign key.
WebauthnSessionDataAllowedCredential.add_index(
    WebauthnSessionDataAllowedCredential.webauthn_session_data,
    name="webauthn_session_data_allowed_credentials_session_data_id_idx",
)
