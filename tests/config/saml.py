"""Settings of SAML of which nothing is missing."""

from typing import Any

PROVIDER = {
    "enabled": True,
    "name": "Corp",
    "domain": "corp.test",
    "metadata_url": "https://idp.test/metadata",
    "attribute_map": {"email_verified": "email_verified"},
}
SAML: dict[str, Any] = {
    "saml": {
        "enabled": True,
        "endpoint_url": "https://auth.example.test",
        "audience_uri": "urn:example",
        "default_redirect_url": "https://example.test/log-in",
        "allowed_redirect_urls": ["https://example.test/done"],
        "identity_providers": [PROVIDER],
    }
}
