"""The table ``saml_idp_initiated_requests``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row


class SamlIdpInitiatedRequest(Row):
    """A SAML response that was accepted without a request, so that it works once."""

    id = UUIDField(primary_key=True, default=uuid4)
    response_id = peewee.CharField(null=True)
    issuer = peewee.CharField(null=True)
    expires_at = UtcDateTimeField(null=True)
    created_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "saml_idp_initiated_requests"


SamlIdpInitiatedRequest.add_index(
    SamlIdpInitiatedRequest.response_id,
    SamlIdpInitiatedRequest.issuer,
    unique=True,
    name="saml_idp_initiated_requests_response_id_issuer_idx",
)
# Not in Hanko's own layout: old ones are deleted.
SamlIdpInitiatedRequest.add_index(
    SamlIdpInitiatedRequest.expires_at, name="saml_idp_initiated_requests_expires_at_idx"
)
