"""The configuration of a project: nobody orders certificates here."""

import pytest


@pytest.mark.parametrize("body", [{"cname": "auth.example.test"}, {}, None])
def test_there_is_no_cname(backend, body):
    response = backend.call("PUT", "/projectConfig/cname", body)
    assert (response.status_code, response.json["error"]["type"]) == (404, "not_found")
    assert "validation" not in response.json["error"]


def test_nobody_is_told_without_a_secret(backend):
    backend.headers.clear()
    assert backend.call("PUT", "/projectConfig/cname", {}).status_code == 401
