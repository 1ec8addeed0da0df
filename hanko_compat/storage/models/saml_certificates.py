"""The table ``saml_certificates``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row


class SamlCertificate(Row):
    """The certificate and the encrypted key with which a SAML service provider signs."""

    id = UUIDField(primary_key=True, default=uuid4)
    cert_data = peewee.TextField()
    cert_key = peewee.TextField()
    encryption_key = peewee.CharField()
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()

    class Meta:
        table_name = "saml_certificates"
