"""The service provider and a real identity provider, over HTTP."""

import re
from html import unescape
from urllib.request import urlopen

import pytest

from hanko_compat.saml.idp_metadata import parse_metadata
from tests.saml.conftest import MakeProvider
from tests.saml.identity_provider import EMAIL, IdentityProvider

pytestmark = pytest.mark.servers  # xmlsec1


def test_a_log_in_from_end_to_end(make_provider: MakeProvider) -> None:
    provider = make_provider(sign_authn_requests=True)
    with IdentityProvider() as idp:
        with urlopen(idp.entity_id, timeout=60) as answer:
            metadata = parse_metadata(answer.read())
        request = provider.login_request(metadata, relay_state="hanko_spi_<1>")
        with urlopen(request.url, timeout=60) as answer:
            page = answer.read().decode()
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    assert unescape(fields["RelayState"]) == "hanko_spi_<1>"
    assertion = provider.read_response(fields["SAMLResponse"], metadata, request_id=request.request_id)
    assert assertion.issuer == idp.entity_id
    assert assertion.attributes[EMAIL] == ("alice@corp.example.test",)
