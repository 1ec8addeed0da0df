"""What only Corbado's service can find out: nothing, of users that exist."""

import pytest

from tests.backend.server import problems


@pytest.mark.parametrize("name", ["passwordManagers", "clientEnvs"])
def test_there_is_none(backend, name):
    response = backend.get(f"/users/{backend.user()}/{name}")
    assert (response.status_code, response.json) == (200, {name: []})


@pytest.mark.parametrize("name", ["passwordManagers", "clientEnvs"])
@pytest.mark.parametrize("user_id", ["usr-1", "non-existent-id"])
def test_an_unknown_user(backend, name, user_id):
    assert problems(backend.get(f"/users/{user_id}/{name}")) == {("userID", "does not exist")}


@pytest.mark.parametrize("name", ["passwordManagers", "clientEnvs"])
def test_another_method(backend, name):
    response = backend.post(f"/users/{backend.user()}/{name}", {})
    assert (response.status_code, response.json["error"]["type"]) == (405, "method_not_allowed")
