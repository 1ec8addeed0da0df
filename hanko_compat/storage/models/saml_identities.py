"""The table ``saml_identities``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.identities import Identity
from hanko_compat.storage.models.references import reference


class SamlIdentity(Row):
    """The domain of the SAML provider that an identity comes from."""

    id = UUIDField(primary_key=True, default=uuid4)
    identity = reference(Identity, "identity_id", null=True, on_update="CASCADE")
    domain = peewee.CharField(null=True)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()

    class Meta:
        table_name = "saml_identities"


SamlIdentity.add_index(
    SamlIdentity.identity, SamlIdentity.domain, unique=True, name="saml_identities_identity_id_domain_idx"
)
