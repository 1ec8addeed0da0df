"""The table ``hanko_compat_saml_requests``: requests to identity providers that wait for their response."""

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField
from hanko_compat.storage.models.base import Row


class SamlRequest(Row):
    """A request that a browser carries to an identity provider.

    ``id`` is SHA-256 (in hexadecimal) of the reference in ``RelayState``, ``browser_hash`` of what the
    browser has in its cookie. ``request_id`` is what the response has to name in ``InResponseTo``.
    """

    id = peewee.CharField(max_length=64, primary_key=True)
    browser_hash = peewee.CharField(max_length=64)
    request_id = peewee.CharField()
    domain = peewee.CharField()
    redirect_to = peewee.TextField()
    expires_at = UtcDateTimeField()

    class Meta:
        table_name = "hanko_compat_saml_requests"


SamlRequest.add_index(SamlRequest.expires_at, name="hanko_compat_saml_requests_expires_at_idx")
