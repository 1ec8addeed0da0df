"""The table ``webauthn_session_data``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row


class WebauthnSessionData(Row):
    """A challenge of a ceremony that is not finished.

    ``user_id`` is the zero UUID for a log-in with a discoverable credential, therefore no foreign key.
    """

    id = UUIDField(primary_key=True, default=uuid4)
    challenge = peewee.CharField()
    user_id = UUIDField()
    user_verification = peewee.CharField()
    operation = peewee.CharField()
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    expires_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "webauthn_session_data"


WebauthnSessionData.add_index(
    WebauthnSessionData.challenge, unique=True, name="webauthn_session_data_challenge_idx"
)
# Not in Hanko's own layout: old ones are deleted.
WebauthnSessionData.add_index(WebauthnSessionData.created_at, name="webauthn_session_data_created_at_idx")
