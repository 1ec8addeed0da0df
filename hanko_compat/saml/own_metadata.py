"""The metadata of the service provider (metadata s. 2.4.4)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from saml2.md import (
    AssertionConsumerService,
    EncryptionMethod,
    EntityDescriptor,
    KeyDescriptor,
    SPSSODescriptor,
)
from saml2.xmldsig import KeyInfo, X509Certificate, X509Data

from hanko_compat.saml.names import ENCRYPTION_11_NS, ENCRYPTION_NS, POST_BINDING, PROTOCOL_NS

LIFETIME = timedelta(days=7)
# What we decrypt, the best first; the last ones are for servers that know no other.
_ENCRYPTION_METHODS = (
    f"{ENCRYPTION_11_NS}aes256-gcm",
    f"{ENCRYPTION_11_NS}aes128-gcm",
    f"{ENCRYPTION_NS}aes256-cbc",
    f"{ENCRYPTION_NS}aes128-cbc",
    f"{ENCRYPTION_NS}rsa-oaep-mgf1p",
)


def build_metadata(
    *,
    entity_id: str,
    acs_url: str,
    certificates: Sequence[str],
    signs_requests: bool,
    wants_signatures: bool,
    now: datetime,
) -> bytes:
    """The document; *certificates* (PEM) in this order, each for signing and for encryption."""
    keys = [_key(certificate, use) for use in ("signing", "encryption") for certificate in certificates]
    descriptor = SPSSODescriptor(
        protocol_support_enumeration=PROTOCOL_NS,
        authn_requests_signed=_boolean(signs_requests),
        want_assertions_signed=_boolean(wants_signatures),
        key_descriptor=keys,
        assertion_consumer_service=[
            AssertionConsumerService(binding=POST_BINDING, location=acs_url, index="1", is_default="true")
        ],
    )
    entity = EntityDescriptor(
        entity_id=entity_id,
        valid_until=(now + LIFETIME).strftime("%Y-%m-%dT%H:%M:%SZ"),
        spsso_descriptor=descriptor,
    )
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + str(entity).encode()


def _key(certificate: str, use: str) -> KeyDescriptor:
    lines = (line.strip() for line in certificate.splitlines())
    text = "".join(line for line in lines if line and not line.startswith("-----"))
    information = KeyInfo(x509_data=[X509Data(x509_certificate=[X509Certificate(text=text)])])
    methods = (
        [EncryptionMethod(algorithm=name) for name in _ENCRYPTION_METHODS] if use == "encryption" else []
    )
    return KeyDescriptor(use=use, key_info=information, encryption_method=methods)


def _boolean(value: bool) -> str:
    return "true" if value else "false"
