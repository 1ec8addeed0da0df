"""Responses in the form that common servers give them: prefixes, types, places of signatures and statements.

Which of their attributes count is in ``tests/services/saml/test_attribute_maps.py``.
"""

from pathlib import Path

import pytest

from tests.saml import signing
from tests.saml.conftest import ACS_URL, AUDIENCE, Read
from tests.saml.identity_provider import EMAIL, IdentityProvider, encode, moment

pytestmark = pytest.mark.servers  # xmlsec1

RESPONSES = Path(__file__).parents[1] / "data" / "saml-responses"
ADDRESS = "alice@corp.example.test"


@pytest.mark.parametrize(
    ("server", "signed", "email"),
    [
        ("entra-id", ("_a",), EMAIL),
        ("okta", ("_a", "_r"), "email"),
        ("keycloak", ("_r",), "urn:oid:1.2.840.113549.1.9.1"),
    ],
)
def test_the_form_of_a_server_is_read(
    read: Read, idp: IdentityProvider, server: str, signed: tuple[str, ...], email: str
) -> None:
    template = (RESPONSES / f"{server}.xml").read_text()
    document = template.format(
        now=moment(0),
        end=moment(300),
        issuer=idp.entity_id,
        acs_url=ACS_URL,
        audience=AUDIENCE,
        request_id="_request",
        subject="subject-1",
        address=ADDRESS,
        certificate=idp.pairs[0].base64,
    )
    for identifier in signed:
        document = signing.fill_signature(document, identifier, idp.pairs[0])
    assertion = read(encode(document))
    assert (assertion.subject, assertion.attributes[email]) == ("subject-1", (ADDRESS,))
