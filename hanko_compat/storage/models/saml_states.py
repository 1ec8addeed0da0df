"""The table ``saml_states``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row


class SamlState(Row):
    """The state of a SAML log-in under way."""

    id = UUIDField(primary_key=True, default=uuid4)
    nonce = peewee.CharField()
    state = peewee.CharField(max_length=500)
    expires_at = UtcDateTimeField()
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()

    class Meta:
        table_name = "saml_states"


SamlState.add_index(SamlState.nonce, unique=True, name="saml_states_nonce_idx")
# Not in Hanko's own layout: old ones are deleted.
SamlState.add_index(SamlState.expires_at, name="saml_states_expires_at_idx")
