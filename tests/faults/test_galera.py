"""A Galera cluster of two real nodes: one that is cut off, and both written to at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from tests.backend.server import basic
from tests.databases import prepare
from tests.faults import rows
from tests.faults.load import Load
from tests.faults.racing import at_once
from tests.servers.galera import GaleraNode
from tests.servers.hanko_compat import HankoCompat, wait_until
from tests.servers.process import own_name
from tests.servers.run import Run
from tests.settings import settings_on

pytestmark = [pytest.mark.servers, pytest.mark.slow]

SETTINGS = {
    "email.require_verification": False,
    "email_delivery.enabled": False,
    "session.enable_auth_token_header": True,
}
Cluster = tuple[GaleraNode, GaleraNode]


@pytest.fixture(scope="module")
def cluster(test_run: Run) -> Iterator[Cluster]:
    first = GaleraNode(test_run, own_name("galera_first"))
    second = GaleraNode(test_run, own_name("galera_second"), others=[first])
    try:
        first.start()
        second.start()
        yield first, second
    finally:
        second.remove()
        first.remove()


@pytest.fixture
def url(cluster: Cluster) -> str:
    made = cluster[0].create_database("cluster")
    prepare(made)
    return made


@pytest.fixture
def start(test_run: Run) -> Iterator[Callable[[str], HankoCompat]]:
    servers: list[HankoCompat] = []

    def start_one(url: str) -> HankoCompat:
        servers.append(HankoCompat(test_run, settings_on(url, SETTINGS), workers=2))
        servers[-1].start()
        return servers[-1]

    yield start_one
    for server in servers:
        server.remove()


@contextmanager
def cut_off(cluster: Cluster) -> Iterator[None]:
    """Let the first node see nothing of the second, so that it can't know whether it is still in charge."""
    first, _ = cluster
    first.isolate()
    try:
        wait_until(lambda: first.status("wsrep_ready") == "OFF", why=lambda: "the node takes queries")
        yield
    finally:
        first.isolate(is_alone=False)
        wait_until(lambda: first.status("wsrep_ready") == "ON", why=lambda: "the nodes did not meet again")


def test_a_node_that_is_cut_off_asks_to_come_back(cluster: Cluster, url: str, start) -> None:
    server = start(url)
    secret = server.create_secret()
    made = server.request("POST", "/users", {"email": "jane@example.test"})
    user = made.body["user_id"]
    token = {"Authorization": f"Bearer {made.headers['X-Auth-Token']}"}
    inside = basic(secret.project_id, secret.secret)
    requests: list[tuple[str, str, Any, dict[str, str]]] = [
        ("GET", "/health/ready", None, {}),
        ("GET", "/me", None, token),
        ("GET", f"/users/{user}", None, token),
        ("GET", "/sessions/validate", None, token),
        ("GET", "/emails", None, token),
        ("GET", "/webauthn/credentials", None, token),
        ("POST", "/user", {"email": "jane@example.test"}, {}),
        ("POST", "/users", {"email": "john@example.test"}, {}),
        ("POST", "/emails", {"address": "second@example.test"}, token),
        ("POST", "/password/login", {"user_id": user, "password": "correct horse"}, {}),
        ("POST", "/passcode/login/initialize", {"user_id": user}, {}),
        ("POST", "/passcode/login/finalize", {"id": str(uuid4()), "code": "123456"}, {}),
        ("POST", "/webauthn/login/initialize", {}, {}),
        ("POST", "/webauthn/registration/initialize", None, token),
        ("GET", "/v2/users", None, inside),
        ("GET", "/v2/sessions", None, inside),
        ("POST", "/v2/users", {"status": "active"}, inside),
    ]
    with cut_off(cluster):
        calls = [
            partial(server.request, method, path, body, **headers) for method, path, body, headers in requests
        ]
        for (method, path, *_), answer in zip(requests, at_once(calls), strict=True):
            assert (method, path, answer.status) == (method, path, 503), answer.body
            assert int(answer.headers["Retry-After"]) >= 1
        assert server.request("GET", "/health/alive").status == 200
        assert server.request("GET", "/").status == 500
    wait_until(lambda: server.request("GET", "/health/ready").status == 200, why=server.log.read_text)
    assert server.request("GET", "/me", **token).status == 200
    assert "unhandled_exception" not in server.log.read_text()


def test_nothing_acknowledged_is_lost_when_a_node_is_cut_off(cluster: Cluster, url: str, start) -> None:
    """Whatever is under way at that moment, the answer is that it is stored, or 503."""
    server = start(url)
    with Load(server) as load:
        load.wait_for(20)
        with cut_off(cluster):
            pass
        load.wait_for(20)
    assert {answer.status for answer in load.others} <= {503}
    assert set(load.acknowledged) <= rows.complete_users(url)


def test_both_nodes_are_written_to_at_once(cluster: Cluster, url: str, start) -> None:
    """Of two writes to one row, on two nodes, one is refused at its commit; that is run again."""
    servers = [start(url), start(cluster[1].url(url.rpartition("/")[2]))]
    user = servers[0].request("POST", "/users", {"email": "jane@example.test"}).body["user_id"]
    wait_until(
        lambda: servers[1].request("POST", "/user", {"email": "jane@example.test"}).status == 200, why=str
    )
    calls = [
        partial(server.request, "POST", "/passcode/login/initialize", {"user_id": user})
        for server in servers * 8
    ]
    same = [
        partial(server.request, "POST", "/users", {"email": "john@example.test"}) for server in servers * 8
    ]
    answers = at_once([*calls, *same])
    assert {answer.status for answer in answers[: len(calls)]} == {200}
    assert sorted(answer.status for answer in answers[len(calls) :]) == [200] + [409] * (len(same) - 1)
    assert all("unhandled_exception" not in server.log.read_text() for server in servers)
