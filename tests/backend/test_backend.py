"""The door as a whole."""

import pytest

from hanko_compat import public_ids
from hanko_compat.backend.openapi import ALIASES
from tests.backend import specification


def test_every_route_is_one_of_the_api(app):
    wanted = {name.replace("{", "<").replace("}", ">") for name in specification.operations()}
    arguments = {f"<{name}>": f"<{field}>" for name, field in public_ids.FIELDS.items()}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("backend.") and rule.rule not in ALIASES:
            path = rule.rule.removeprefix("/v2")
            for name, field in arguments.items():
                path = path.replace(name, field)
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                assert f"{method} {path}" in wanted


@pytest.mark.parametrize("path", ["/users", "/me", "/v2users"])
def test_the_public_door_asks_for_no_api_secret(client, backend, path):
    assert "error" not in client.get(path).json
