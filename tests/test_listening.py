"""Addresses to listen on: which sockets they come to, with IPv6 and without."""

import socket
from collections.abc import Iterator
from threading import Timer

import pytest

from hanko_compat import listening
from hanko_compat.errors import OperatorError
from hanko_compat.listening import binds, is_for_this_host, open_socket, require_free
from tests.servers.process import free_port

EVERYWHERE = [":{}", "0.0.0.0:{}", "[::]:{}"]
BOTH = ("127.0.0.1", "::1")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1:8000", ["127.0.0.1:8000"]),
        ("[::1]:8000", ["[::1]:8000"]),
        ("localhost:8000", ["127.0.0.1:8000", "[::1]:8000"]),
        ("unix:/run/hanko-compat.sock", ["unix:/run/hanko-compat.sock"]),
        ("fd://3", ["fd://3"]),
        ("tcp://127.0.0.1:80", ["tcp://127.0.0.1:80"]),
    ],
)
def test_what_gunicorn_listens_on(address: str, expected: list[str]) -> None:
    assert binds(address) == expected


@pytest.mark.parametrize("address", [":8000", "0.0.0.0:8000", "[::]:8000"])
@pytest.mark.parametrize(
    ("has_ipv6", "is_ipv6_only", "expected"),
    [
        (True, 0, ["[::]:8000"]),
        (True, 1, ["[::]:8000", "0.0.0.0:8000"]),
        (False, 0, ["0.0.0.0:8000"]),
    ],
)
def test_every_address_of_each_kind_of_host(
    monkeypatch: pytest.MonkeyPatch, address: str, has_ipv6: bool, is_ipv6_only: int, expected: list[str]
) -> None:
    class Probe(socket.socket):
        def getsockopt(self, *_: int) -> int:  # type: ignore[override]
            return is_ipv6_only

    monkeypatch.setattr(listening.socket, "has_dualstack_ipv6", lambda: has_ipv6)
    monkeypatch.setattr(listening.socket, "socket", Probe)
    assert binds(address) == expected


def test_localhost_without_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "is_own", lambda host: host == "127.0.0.1")
    assert binds("localhost:8000") == ["127.0.0.1:8000"]


V4 = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))
V6 = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 0, 0, 0))


@pytest.mark.parametrize(
    ("found", "expected"),
    [([V4], "a.test:80"), ([V6, V4], "a.test:80"), ([V6], "[::1]:80"), ([], "a.test:80")],
)
def test_a_name_is_one_of_its_addresses(
    monkeypatch: pytest.MonkeyPatch, found: list[object], expected: str
) -> None:
    def resolve(*_: object, **__: object) -> list[object]:
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return found

    monkeypatch.setattr(listening.socket, "getaddrinfo", resolve)
    assert binds("a.test:80") == [expected]


def test_a_socket_for_a_name_of_an_ipv6_address(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        listening.socket,
        "getaddrinfo",
        lambda host, *args, **keywords: [V6] if host == "a.test" else resolve(host, *args, **keywords),
    )
    with (
        open_socket(f"a.test:{port}", backlog=1),
        socket.create_connection(("::1", port), timeout=30) as there,
    ):
        assert there.getpeername()[1] == port


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def opened(request: pytest.FixtureRequest, port: int) -> Iterator[socket.socket]:
    with open_socket(request.param.format(port), backlog=1) as listening_socket:
        yield listening_socket


@pytest.mark.parametrize("opened", EVERYWHERE, indirect=True)
@pytest.mark.parametrize("host", BOTH)
def test_a_socket_for_every_address(opened: socket.socket, port: int, host: str) -> None:
    with socket.create_connection((host, port), timeout=30) as caller:
        connected, address = opened.accept()
        with connected:
            assert address[1] == caller.getsockname()[1]


@pytest.mark.parametrize(
    ("opened", "other"), [("127.0.0.1:{}", "::1"), ("[::1]:{}", "127.0.0.1")], indirect=["opened"]
)
@pytest.mark.usefixtures("opened")
def test_a_socket_for_one_address(port: int, other: str) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((other, port), timeout=30)


@pytest.mark.parametrize("address", EVERYWHERE)
def test_a_socket_without_ipv6(monkeypatch: pytest.MonkeyPatch, port: int, address: str) -> None:
    monkeypatch.setattr(listening.socket, "has_dualstack_ipv6", lambda: False)
    with open_socket(address.format(port), backlog=1) as opened:
        assert opened.family == socket.AF_INET


@pytest.mark.parametrize(
    ("address", "is_local"),
    [
        *((local, True) for local in ("127.0.0.1:8000", "127.0.0.2:8000", "[::1]:8000", "localhost:8000")),
        *((local, True) for local in ("a.localhost:8000", "unix:/run/hanko-compat.sock")),
        *((open_, False) for open_ in (":8000", "0.0.0.0:8000", "[::]:8000", "192.168.1.2:8000")),
        *((open_, False) for open_ in ("[2001:db8::1]:8000", "example.com:8000")),
    ],
)
def test_who_can_connect(address: str, is_local: bool) -> None:
    assert is_for_this_host(address) == is_local


@pytest.mark.parametrize("address", ["127.0.0.1:{}", ":{}", "localhost:{}"])
def test_an_address_that_is_taken_is_told_with_the_remedy(address: str) -> None:
    with open_socket("127.0.0.1:0", backlog=1) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            OperatorError, match=rf"{port}: Address already in use; stop .* or choose .* by --bind$"
        ):
            require_free(binds(address.format(port)), setting="--bind", patience=0)
    require_free(binds(address.format(port)), setting="--bind")


@pytest.mark.parametrize("address", ["192.0.2.1:80", "nowhere.invalid:80"])
def test_an_address_of_another_host_is_told(address: str) -> None:
    with pytest.raises(OperatorError, match=r"; choose another address by --bind$"):
        require_free([address], setting="--bind")


def test_what_is_no_host_and_port_is_left_to_gunicorn() -> None:
    for address in ("unix:/nowhere/socket", "fd://3"):
        require_free([address], setting="--bind")
        assert binds(address) == [address]


def test_what_was_killed_just_now_may_end() -> None:
    taken = open_socket("127.0.0.1:0", backlog=1)
    address = f"127.0.0.1:{taken.getsockname()[1]}"
    timer = Timer(0.1, taken.close)
    timer.start()
    require_free([address], setting="--bind", patience=60)
    timer.join()
    assert taken.fileno() == -1  # it has waited for that
