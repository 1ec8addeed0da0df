"""Custom providers: discovered, or with endpoints of their own."""

from typing import Any

import pytest

from hanko_compat.config.third_party import ENDPOINTS
from tests.config.example import accepted

WITH_ENDPOINTS = {key: f"https://sso.test/{key}" for key in ENDPOINTS}
ACME = {"display_name": "Acme", "issuer": "https://sso.test", "scopes": ["openid"]}


@pytest.mark.parametrize(
    ("given", "is_discovered"),
    [
        ({}, True),
        (WITH_ENDPOINTS, False),
        (WITH_ENDPOINTS | {"use_discovery": False}, False),
        (WITH_ENDPOINTS | {"use_discovery": True}, True),
        (WITH_ENDPOINTS | {"token_endpoint": ""}, True),
    ],
    ids=str,
)
def test_who_has_its_endpoints_is_discovered_only_if_that_is_said(
    given: dict[str, Any], is_discovered: bool
) -> None:
    config = accepted({"third_party.custom_providers": {"acme": ACME | given}})
    assert config.third_party.custom_providers["acme"].use_discovery is is_discovered
