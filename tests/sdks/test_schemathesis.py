"""Requests that schemathesis makes up from the door's own description, valid and not; answers fit it."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
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

EXAMPLES = 8  # requests for each operation, valid ones and then invalid ones
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
    """What random texts never are: a user and things of theirs, and values of a form, by their names."""
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
        "username": email["identifierValue"],
        "url": hook["url"],
        "avatarURL": "https://example.com/jane.png",
        "processID": "abcdefghij0123456789",
        "remoteAddress": "203.0.113.7",
    }


def make_real(value: Any, things: dict[str, str]) -> Any:
    """*value* with *things* where its members have their names."""
    if not isinstance(value, dict):
        return value
    return {name: things.get(name, make_real(member, things)) for name, member in value.items()}


@pytest.fixture(scope="module")
def session(site: Site) -> Iterator[requests.Session]:
    """Connections that are kept: most of the time would go into TLS."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
def test_answers_fit_the_description(
    site: Site,
    schema: Any,
    session: requests.Session,
    things: dict[str, str],
    name: str,
    mode: GenerationMode,
) -> None:
    method, path = name.split()
    strategy = schema[path][method].as_strategy(generation_mode=mode)
    is_valid = mode is GenerationMode.POSITIVE
    checks = CHECKS if is_valid else [*CHECKS, negative_data_rejection]
    headers = basic(site.secret.project_id, site.secret.secret)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy, is_real=st.booleans())
    def check(case: Any, is_real: bool) -> None:
        if is_valid and is_real:
            case.path_parameters = make_real(case.path_parameters, things)
            case.body = make_real(case.body, things)
        case.call_and_validate(
            base_url=f"{site.backend_api}/v2",
            session=session,
            headers=headers,
            checks=checks,
            verify=str(site.nginx.ca),
        )

    check()
