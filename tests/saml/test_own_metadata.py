"""Our own metadata, as others read them."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from saml2.attribute_converter import ac_factory
from saml2.config import Config
from saml2.mdstore import InMemoryMetaData
from saml2.xml.schema import XMLSchemaError, validate

from hanko_compat.clock import utc_now
from hanko_compat.saml.moments import parse_moment
from hanko_compat.saml.names import POST_BINDING
from tests.saml import signing
from tests.saml.conftest import ACS_URL, ENTITY_ID, MakeProvider, Ring, key_pair
from tests.saml.identity_provider import MD
from tests.saml.signing import DS

pytestmark = pytest.mark.servers  # xmlsec1

ROLE = f"{{{MD}}}SPSSODescriptor"


def parse(document: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(document)


def test_members_are_those_of_the_original(make_provider: MakeProvider, ring: Ring) -> None:
    root = parse(make_provider(sign_authn_requests=True).metadata())
    assert root.tag == f"{{{MD}}}EntityDescriptor"
    assert root.attrib["entityID"] == ENTITY_ID
    end = parse_moment(root.attrib["validUntil"])
    assert end is not None
    assert timedelta(days=6.9) < end - utc_now() < timedelta(days=7.1)
    (role,) = root
    assert role.tag == ROLE
    assert role.attrib == {
        "AuthnRequestsSigned": "true",
        "WantAssertionsSigned": "true",
        "protocolSupportEnumeration": "urn:oasis:names:tc:SAML:2.0:protocol",
    }
    keys = role.findall(f"{{{MD}}}KeyDescriptor")
    shown = [(key.attrib["use"], key.findtext(f".//{{{DS}}}X509Certificate")) for key in keys]
    certificate = signing.pair_number(11).base64
    assert shown == [("signing", certificate), ("encryption", certificate)]
    (service,) = role.findall(f"{{{MD}}}AssertionConsumerService")
    assert service.attrib == {
        "Binding": POST_BINDING,
        "Location": ACS_URL,
        "index": "1",
        "isDefault": "true",
    }
    assert role.findall(f"{{{MD}}}NameIDFormat") == role.findall(f"{{{MD}}}SingleLogoutService") == []


def test_options_are_shown(make_provider: MakeProvider) -> None:
    role = parse(make_provider(skip_signature_validation=True).metadata()).find(ROLE)
    assert role is not None
    assert (role.attrib["AuthnRequestsSigned"], role.attrib["WantAssertionsSigned"]) == ("false", "false")


def test_both_certificates_are_shown_while_one_is_renewed(make_provider: MakeProvider, ring: Ring) -> None:
    ring.pairs.append(key_pair(signing.pair_number(12)))
    role = parse(make_provider().metadata()).find(ROLE)
    assert role is not None
    shown = [
        (key.attrib["use"], key.findtext(f".//{{{DS}}}X509Certificate"))
        for key in role.findall(f"{{{MD}}}KeyDescriptor")
    ]
    certificates = [signing.pair_number(number).base64 for number in (11, 12)]
    assert shown == [(use, text) for use in ("signing", "encryption") for text in certificates]


@pytest.mark.parametrize("options", [{}, {"sign_authn_requests": True}])
def test_pysaml2_reads_it_as_an_identity_provider_does(
    make_provider: MakeProvider, ring: Ring, options: dict[str, bool]
) -> None:
    document = make_provider(**options).metadata().decode()
    store = InMemoryMetaData(ac_factory(), document, config=Config())
    store.load()
    (name,) = store.keys()
    assert name == ENTITY_ID
    shown = ["".join(text.split()) for _, text in store.certs(ENTITY_ID, "spsso", "encryption")]
    assert shown == [signing.pair_number(11).base64]
    services = store.service(ENTITY_ID, "spsso_descriptor", "assertion_consumer_service", POST_BINDING)
    assert [service["location"] for service in services] == [ACS_URL]


def test_it_is_valid_by_the_schema(make_provider: MakeProvider) -> None:
    document = make_provider(sign_authn_requests=True).metadata().decode()
    validate(document)
    with pytest.raises(XMLSchemaError):
        validate(document.replace("AssertionConsumerService", "Consumer"))
