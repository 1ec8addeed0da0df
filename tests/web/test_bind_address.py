"""Which address a request came in by, and what is served there."""

import base64
import socket

import pytest

from hanko_compat.web.bind_address import BindAddress


class Accepted:
    """A socket as gunicorn hands it over."""

    def __init__(self, name):
        self.name = name

    def getsockname(self):
        return self.name


@pytest.mark.parametrize(
    ("address", "name", "expected"),
    [
        ("127.0.0.1:9000", ("127.0.0.1", 9000), True),
        ("127.0.0.1:9000", ("127.0.0.1", 8000), False),
        ("127.0.0.1:9000", ("10.0.0.1", 9000), False),
        (":9000", ("10.0.0.1", 9000), True),
        ("0.0.0.0:9000", ("10.0.0.1", 9000), True),
        ("[::1]:9000", ("::1", 9000, 0, 0), True),
        ("10.0.0.1:9000", ("::ffff:10.0.0.1", 9000, 0, 0), True),
        (":9000", ("::ffff:10.0.0.1", 9000, 0, 0), True),
        ("[::]:9000", ("2001:db8::1", 9000, 0, 0), True),
        ("127.0.0.1:9000", ("::1", 9000, 0, 0), False),
        ("localhost:9000", ("::1", 9000, 0, 0), True),
        ("127.0.0.1:9000", "/run/hanko-compat.sock", False),
    ],
)
def test_the_socket_tells(address, name, expected):
    assert BindAddress(address).received({"gunicorn.socket": Accepted(name)}) is expected


def test_headers_do_not_tell():
    assert not BindAddress(":9000").received({"SERVER_PORT": "9000", "HTTP_HOST": "localhost:9000"})


@pytest.fixture
def accepted():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def test_each_door_is_served_at_its_own_address_only(make_app, accepted):
    port = accepted.getsockname()[1]
    app = make_app({"hanko_compat.backend_api.bind": f"127.0.0.1:{port}"})
    new = app.extensions["hanko_compat"].api_secrets.create()
    text = base64.b64encode(f"{new.project_id}:{new.secret}".encode()).decode()
    client, headers = app.test_client(), {"Authorization": f"Basic {text}"}
    inside = {"gunicorn.socket": accepted}
    assert client.get("/v2/users", headers=headers).status_code == 404
    assert client.get("/v2/users", headers=headers, environ_overrides=inside).status_code == 200
    assert client.get("/health/alive", environ_overrides=inside).status_code == 404
    assert client.get("/health/alive").status_code == 200
