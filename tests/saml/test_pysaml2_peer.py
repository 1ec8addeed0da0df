"""pysaml2 as an identity provider: it takes our metadata and requests, and we take its answers."""

from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from saml2 import BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID

from hanko_compat.saml.idp_metadata import parse_metadata
from tests.saml import signing
from tests.saml.conftest import ACS_URL, AUDIENCE, ENTITY_ID, MakeProvider
from tests.saml.identity_provider import encode

pytestmark = [
    pytest.mark.servers,  # xmlsec1
    # pysaml2's side of identity providers imports a mode of ciphers that is going to move.
    pytest.mark.filterwarnings("ignore:CFB has been moved"),
]
MAIL, GIVEN_NAME = "urn:oid:0.9.2342.19200300.100.1.3", "urn:oid:2.5.4.42"


def make_server(folder: Path, metadata: str) -> tuple[Any, Any]:
    """An identity provider that knows us by our *metadata*, and its own metadata."""
    server = import_module("saml2.server")
    pair = signing.pair_number(1)
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    key.write_bytes(pair.private)
    certificate.write_text(pair.certificate)
    policy = {"lifetime": {"minutes": 15}, "attribute_restrictions": None}
    config = IdPConfig().load(
        {
            "entityid": "https://idp.example.test/metadata",
            "key_file": str(key),
            "cert_file": str(certificate),
            "metadata": {"inline": [metadata]},
            "service": {
                "idp": {
                    "endpoints": {
                        "single_sign_on_service": [("https://idp.example.test/sso", BINDING_HTTP_REDIRECT)]
                    },
                    "want_authn_requests_signed": True,
                    "name_id_format": [NAMEID_FORMAT_PERSISTENT],
                    "policy": {"default": policy},
                }
            },
        }
    )
    return server.Server(config=config), entity_descriptor(config)


@pytest.mark.parametrize("signed", ["assertion", "response", "both"])
def test_a_log_in(make_provider: MakeProvider, tmp_path: Path, signed: str) -> None:
    provider = make_provider(sign_authn_requests=True)
    server, described = make_server(tmp_path, provider.metadata().decode())
    metadata = parse_metadata(str(described).encode())
    request = provider.login_request(metadata, relay_state="hanko_spi_x")
    query = {name: value for name, (value,) in parse_qs(urlsplit(request.url).query).items()}

    parsed = server.parse_authn_request(
        query["SAMLRequest"],
        BINDING_HTTP_REDIRECT,
        relay_state=query["RelayState"],
        sigalg=query["SigAlg"],
        signature=query["Signature"],
    )
    arguments = server.response_args(parsed.message)
    assert (arguments["in_response_to"], arguments["destination"]) == (request.request_id, ACS_URL)
    answer = server.create_authn_response(
        {"mail": ["alice@corp.example.test"], "givenName": ["Alice", "Ali"]},
        request.request_id,
        ACS_URL,
        ENTITY_ID,
        name_id=NameID(text="u1", format=NAMEID_FORMAT_PERSISTENT),
        authn={"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"},
        sign_assertion=signed != "response",
        sign_response=signed != "assertion",
        sign_alg=signing.RSA_SHA256,
        digest_alg=signing.SHA256,
    )
    # It names our entityID as the audience.
    assert AUDIENCE != ENTITY_ID
    assertion = make_provider(audience=ENTITY_ID).read_response(
        encode(str(answer)), metadata, request_id=request.request_id
    )
    assert (assertion.subject, assertion.subject_format) == ("u1", NAMEID_FORMAT_PERSISTENT)
    assert assertion.attributes == {MAIL: ("alice@corp.example.test",), GIVEN_NAME: ("Alice", "Ali")}
