"""Requests to log somebody in, as an identity provider reads them."""

import base64
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from hanko_compat.saml.idp_metadata import parse_metadata
from hanko_compat.saml.login_requests import redirect_url
from tests.saml import signing
from tests.saml.conftest import ACS_URL, ENTITY_ID, MakeProvider, Ring, key_pair
from tests.saml.identity_provider import REDIRECT, A, IdentityProvider, P, decode_request

pytestmark = pytest.mark.servers  # xmlsec1


def verify(url: str, certificate: str) -> None:
    """Verify the signature of the query, octet by octet as it stands there (bindings s. 3.4.4.1)."""
    signed, _, signature = urlsplit(url).query.rpartition("&Signature=")
    public = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    assert isinstance(public, RSAPublicKey)
    value = base64.b64decode(parse_qs(f"s={signature}")["s"][0])
    public.verify(value, signed.encode(), PKCS1v15(), SHA256())


def query_of(url: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query, strict_parsing=True).items()}


def test_the_request_is_as_the_original_makes_it(make_provider: MakeProvider, idp: IdentityProvider) -> None:
    metadata = parse_metadata(idp.metadata())
    request = make_provider().login_request(metadata, relay_state="hanko_spi_1")
    assert request.url.startswith(f"{idp.base}/sso?")
    query = query_of(request.url)
    assert query.keys() == {"SAMLRequest", "RelayState"}
    assert query["RelayState"] == "hanko_spi_1"
    root = decode_request(query["SAMLRequest"])
    assert root.tag == f"{{{P}}}AuthnRequest"
    assert root.attrib.pop("IssueInstant").endswith("Z")
    assert root.attrib == {
        "ID": request.request_id,
        "Version": "2.0",
        "Destination": f"{idp.base}/sso",
        "AssertionConsumerServiceURL": ACS_URL,
        "ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
    }
    assert root.findtext(f"{{{A}}}Issuer") == ENTITY_ID
    policy = root.find(f"{{{P}}}NameIDPolicy")
    assert policy is not None
    assert policy.attrib == {"AllowCreate": "true"}


def test_every_request_has_an_id_of_its_own(make_provider: MakeProvider, idp: IdentityProvider) -> None:
    provider, metadata = make_provider(), parse_metadata(idp.metadata())
    ids = {provider.login_request(metadata, relay_state="r").request_id for _ in range(50)}
    assert len(ids) == 50
    assert all(name[0] == "_" and len(name) == 41 for name in ids)


def test_the_option_forces_a_log_in(make_provider: MakeProvider, idp: IdentityProvider) -> None:
    request = make_provider(force_login=True).login_request(parse_metadata(idp.metadata()), relay_state="r")
    assert decode_request(query_of(request.url)["SAMLRequest"]).attrib["ForceAuthn"] == "true"


def test_the_query_is_signed_by_the_option(
    make_provider: MakeProvider, idp: IdentityProvider, ring: Ring
) -> None:
    provider = make_provider(sign_authn_requests=True)
    request = provider.login_request(parse_metadata(idp.metadata()), relay_state="hanko_spi_a/b+c =")
    query = query_of(request.url)
    assert list(query) == ["SAMLRequest", "RelayState", "SigAlg", "Signature"]
    assert query["SigAlg"] == "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    verify(request.url, ring.pairs[0].certificate)
    assert b"Signature" not in signing.DS.encode() + base64.b64decode(query["SAMLRequest"])


def test_threads_do_not_mix_up_their_keys() -> None:
    """pysaml2's own signer keeps the key of the last caller for all."""
    pairs = [key_pair(signing.pair_number(number)) for number in (11, 12)]

    def sign(number: int) -> None:
        pair = pairs[number % 2]
        url = redirect_url(
            "<a/>", destination="https://idp.test", relay_state="r", private_key=pair.private_key
        )
        _, _, query = url.partition("?")
        verify(f"?{query}", pair.certificate)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(sign, range(100))) == [None] * 100


@pytest.mark.parametrize("query", ["", "?tenant=1&x=a%20b"])
def test_a_query_of_the_provider_stays(
    make_provider: MakeProvider, idp: IdentityProvider, query: str
) -> None:
    location = f"https://idp.example.test/sso{query}".replace("&", "&amp;")
    document = idp.metadata().replace(f"{idp.base}/sso".encode(), location.encode())
    url = make_provider().login_request(parse_metadata(document), relay_state="r").url
    assert url.startswith(f"https://idp.example.test/sso{query}{'&' if query else '?'}SAMLRequest=")
    assert REDIRECT.encode() in document
