"""A server under development answers to its own names only: no site can pass for it (DNS rebinding)."""

import pytest
from werkzeug.exceptions import MisdirectedRequest

from hanko_compat.app import create_app, services_of
from hanko_compat.web.host_guard import HostGuard

OWN = ["localhost", "localhost:8000", "app.localhost:3000", "127.0.0.1:8000", "[::1]:8000", "172.17.0.2:8000"]
FOREIGN = [
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "",
    "a@b:c",
    "[x",
]


@pytest.mark.parametrize("host", [*OWN, "mybox.local:8000", "LOCALHOST"])
def test_its_own_names_pass(make_config, host):
    config = make_config({"hanko_compat.public_url": "http://mybox.local:8000"}, dev=True)
    assert HostGuard(config).check({"HTTP_HOST": host}) is None


@pytest.mark.parametrize("host", [host for host in FOREIGN if host])
def test_other_names_do_not(make_config, host):
    with pytest.raises(MisdirectedRequest):
        HostGuard(make_config(dev=True)).check({"HTTP_HOST": host})


@pytest.mark.parametrize("host", [*OWN, *FOREIGN])
def test_in_production_every_name_passes(make_config, host):
    assert HostGuard(make_config()).check({"HTTP_HOST": host}) is None


@pytest.fixture
def client(make_config):
    """A browser at a server under development."""
    app = create_app(make_config(dev=True))
    yield app.test_client()
    services_of(app).database.close_all()


@pytest.mark.parametrize("path", ["/", "/dev/mailbox", "/playground", "/openapi.json", "/users", "/nowhere"])
def test_a_page_of_another_name_reads_nothing(client, path):
    response = client.get(path, headers={"Host": "evil.example:8000"})
    assert (response.status_code, response.json) == (421, {"code": 421, "message": "Misdirected Request"})
    assert client.get("/dev/mailbox", headers={"Host": "localhost:8000"}).status_code == 200


def test_the_other_door_says_so_in_its_own_words(client):
    response = client.get("/v2/users", headers={"Host": "evil.example"})
    assert (response.status_code, response.json["httpStatusCode"]) == (421, 421)
