"""``saml.enabled``: what its endpoints answer."""

from collections.abc import Iterator

import pytest

from tests.effects.conftest import Serve
from tests.effects.rows import shows
from tests.saml.identity_provider import IdentityProvider
from tests.saml_visitor import DEFAULT, DOMAIN, DONE, error_of, place_of, provider, saml

OFF = "off.example.test"


@pytest.fixture
def idp() -> Iterator[IdentityProvider]:
    with IdentityProvider() as server:
        yield server


def start(domain: str) -> str:
    return f"/saml/auth?domain={domain}&redirect_to={DONE}"


@shows(
    "saml.enabled",
    "true, the provider enabled",
    "GET /saml/provider?domain= ; /saml/metadata?domain= ; /saml/auth?domain=&redirect_to=",
)
def test_an_enabled_provider_is_served(serve: Serve, idp: IdentityProvider) -> None:
    caller = serve(saml(provider(idp.base)))
    assert caller.get(f"/saml/provider?domain={DOMAIN}").json["domain"] == DOMAIN
    assert caller.get(f"/saml/metadata?domain={DOMAIN}").text.lstrip().startswith("<")
    answer = caller.get(start(DOMAIN))
    assert (answer.status_code, place_of(answer)[0]) == (307, f"{idp.base}/sso")


@shows(
    "saml.enabled",
    "true, the provider disabled or domain unknown",
    "GET /saml/provider?domain= , /saml/metadata?domain=",
)
@shows("saml.enabled", "true, the provider disabled or domain unknown", "GET /saml/auth?domain=")
@pytest.mark.parametrize("domain", [OFF, "other.example.test"])
def test_no_other_provider_is(serve: Serve, idp: IdentityProvider, domain: str) -> None:
    caller = serve(saml(provider(idp.base, enabled=False, domain=OFF)))
    for name in ("provider", "metadata"):
        answer = caller.get(f"/saml/{name}?domain={domain}")
        assert (answer.status_code, answer.data) == (404, b"")
    text = f"unknown provider for domain {domain}"
    assert error_of(caller.get(start(domain))) == (303, DEFAULT, "invalid_request", text)
    assert caller.config()["use_enterprise"] is False


@shows("saml.enabled", "true", "POST /saml/callback, no SAML response in it")
@pytest.mark.parametrize("is_enabled", [True, False])
def test_a_callback_without_a_response_is_an_error(
    serve: Serve, idp: IdentityProvider, *, is_enabled: bool
) -> None:
    caller = serve(saml(provider(idp.base, enabled=is_enabled)))
    answer = caller.client.post("/saml/callback")
    expected = (303, DEFAULT, "invalid_request", "could not parse saml response")
    assert error_of(answer) == expected
