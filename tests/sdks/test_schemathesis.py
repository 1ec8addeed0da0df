"""Requests that schemathesis makes up from the door's own description, valid and not; answers fit it."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hanko_compat.app import create_app
from hanko_compat.backend.openapi import document
from hanko_compat.config import from_mapping
from tests.backend import specification
from tests.backend.server import basic
from tests.sdks.site import Site, address
from tests.settings import settings_on

EXAMPLES = 15
NAMES = sorted(specification.operations())
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    ignored_auth,
]


@pytest.fixture(scope="module")
def schema() -> Any:
    config = from_mapping(settings_on("sqlite:////tmp/never-opened"), environ={})
    return schemathesis.openapi.from_dict(document(create_app(config), config))


@pytest.fixture
def things(site: Site) -> dict[str, str]:
    """IDs of things that are there, by the names that paths have for them."""
    user_id = site.call("POST", "/users", {"status": "active"}).body["userID"]
    email = {"identifierType": "email", "identifierValue": address(), "status": "primary"}
    hook = {
        "url": "https://hooks.example.invalid/",
        "subscribedEvents": ["user.created"],
        "customHeaders": {},
    }
    token = {"type": "passkey-login", "data": {"identifier": "jane@example.com"}}
    event = {"eventType": "login-error"}
    return {
        "userID": user_id,
        "identifierID": site.call("POST", f"/users/{user_id}/identifiers", email).body["identifierID"],
        "passkeyEventID": site.call("POST", f"/users/{user_id}/passkeyEvents", event).body["passkeyEventID"],
        "connectTokenID": site.call("POST", "/connectTokens", token).body["id"],
        "webhookEndpointID": site.call("POST", "/webhookEndpoints", hook).body["id"],
    }


def send(case: Any, site: Site, checks: list[Any]) -> None:
    """Send the request, and check the answer."""
    case.call_and_validate(
        base_url=f"{site.backend_api}/v2",
        headers=basic(site.secret.project_id, site.secret.secret),
        checks=checks,
        verify=str(site.nginx.ca),
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
def test_answers_fit_the_description(
    site: Site, schema: Any, things: dict[str, str], name: str, mode: GenerationMode
) -> None:
    method, path = name.split()
    strategy = schema[path][method].as_strategy(generation_mode=mode)
    is_valid = mode is GenerationMode.POSITIVE
    checks = CHECKS if is_valid else [*CHECKS, negative_data_rejection]

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=strategy, is_real=st.booleans())
    def ask(case: Any, is_real: bool) -> None:
        if is_valid and is_real:
            for argument in case.path_parameters.keys() & things.keys():
                case.path_parameters[argument] = things[argument]
        send(case, site, checks)

    ask()
