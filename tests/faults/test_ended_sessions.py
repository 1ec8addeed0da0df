"""A session that has ended is over at once, whichever process is asked."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import jwt
import pytest

from hanko_compat import wiring
from hanko_compat.client import Client
from hanko_compat.clock import utc_now
from hanko_compat.config import Config
from hanko_compat.storage.models import Session
from tests.backend.server import basic
from tests.faults.conftest import Starter
from tests.servers.hanko_compat import HankoCompat, is_stopped, wait_until
from tests.servers.no_room import no_room
from tests.sessions import issue_session

pytestmark = pytest.mark.servers

SETTINGS = {"email.require_verification": False, "account.allow_deletion": True}
CLIENT = Client(ip_address="127.0.0.1", user_agent="test", request_id="test")


def sign_up(server: HankoCompat, name: str) -> tuple[str, UUID]:
    """The token and the user of a new account."""
    answer = server.request("POST", "/users", {"email": f"{name}@example.com"})
    cookie = next(line for line in answer.headers.get_all("Set-Cookie") if line.startswith("hanko="))
    return cookie.partition(";")[0].partition("=")[2], UUID(answer.body["id"])


@contextmanager
def only(worker: int, server: HankoCompat) -> Iterator[None]:
    """Let nobody but *worker* answer."""
    others = set(server.worker_pids()) - {worker}
    for other in others:
        os.kill(other, signal.SIGSTOP)
    # Until the signal has arrived, a process may still accept a connection, and would then leave it alone.
    wait_until(lambda: all(map(is_stopped, others)), why=lambda: "a process does not stop")
    try:
        yield
    finally:
        for other in others:
            os.kill(other, signal.SIGCONT)


def statuses(server: HankoCompat, tokens: list[str]) -> list[int]:
    """What every process says to each of the tokens."""
    found: list[int] = []
    for worker in server.worker_pids():
        with only(worker, server):
            answers = [server.request("GET", "/me", Authorization=f"Bearer {token}") for token in tokens]
        found += [answer.status for answer in answers]
    return found


def log_in(config: Config, user: UUID, *, times: int) -> list[str]:
    """The tokens of so many new sessions, which this process starts."""
    services = wiring.build(config)
    try:
        with services.database.connection():
            # Older by more than a second, as MariaDB keeps no fractions of one.
            Session.update(created_at=utc_now() - timedelta(minutes=1)).where(Session.user == user).execute()
        return [issue_session(services, user, client=CLIENT).token for _ in range(times)]
    finally:
        services.database.close_all()


def api_secret(config: Config) -> dict[str, str]:
    """The header of a customer's server, which this process lets in."""
    services = wiring.build(config)
    try:
        new = services.api_secrets.create()
    finally:
        services.database.close_all()
    return basic(new.project_id, new.secret)


def revoke(server: HankoCompat, user: UUID, headers: dict[str, str]) -> None:
    """End the user's session at the backend door."""
    found = server.request("GET", f"/v2/sessions?filter%5B%5D=userID:eq:{user.int}", **headers)
    (session,) = found.body["sessions"]
    path = f"/v2/sessions/{session['sessionID']}/revoke"
    assert server.request("POST", path, **headers).status == 200


def test_no_process_takes_an_ended_session(start: Starter, make_config: Callable[..., Config]) -> None:
    """Log-out, deletion, the sixth session, one that a server revokes, and those that their user ends."""
    headers = api_secret(make_config(SETTINGS))
    server = start(SETTINGS)
    (logged_out, _), (deleted, _), (displaced, user), (revoked, victim) = (
        sign_up(server, name) for name in "abcd"
    )
    tokens = [logged_out, deleted, displaced, revoked]
    assert statuses(server, tokens) == [200] * 16

    assert server.request("POST", "/logout", Authorization=f"Bearer {logged_out}").status == 204
    assert server.request("DELETE", "/user", Authorization=f"Bearer {deleted}").status == 204
    newer = log_in(make_config(SETTINGS), user, times=5)
    revoke(server, victim, headers)

    assert statuses(server, tokens) == [401] * 16
    assert statuses(server, newer) == [200] * 20

    mine = {"Authorization": f"Bearer {newer[0]}"}
    one = jwt.decode(newer[1], options={"verify_signature": False})["session_id"]
    assert server.request("DELETE", f"/sessions/{one}", **mine).status == 204
    assert statuses(server, newer[:3]) == [200, 401, 200] * 4
    assert server.request("DELETE", "/sessions", **mine).status == 204
    assert statuses(server, newer) == [200, 401, 401, 401, 401] * 4


TAKEN_BACK = ["hanko", "cbo_session_token"]


@pytest.mark.parametrize(("method", "path"), [("POST", "/logout"), ("DELETE", "/user")])
def test_a_full_disk_leaves_no_session_behind_in_a_browser(
    start: Starter, database_url: str, method: str, path: str
) -> None:
    """The answer tells of the failure, and takes both cookies back; the session can be ended afterwards."""
    server = start(
        {
            **SETTINGS,
            "hanko_compat.backend_api.session_token": True,
            "hanko_compat.public_url": "http://localhost:8000",
            "hanko_compat.jwk.algorithm": "RS256-2048",
        }
    )
    token, _ = sign_up(server, "alice")
    cookie = {"Cookie": f"hanko={token}"}
    with no_room(server, database_url):
        answer = server.request(method, path, **cookie)
        assert server.request("GET", "/me", **cookie).status == 200
    assert (answer.status, answer.body) == (503, {"code": 503, "message": "Service Unavailable"})
    assert int(answer.headers["Retry-After"]) > 0
    ended = [line.partition("=") for line in answer.headers.get_all("Set-Cookie")]
    assert [name for name, _, rest in ended if rest.startswith("; Path=/; Max-Age=0; ")] == TAKEN_BACK

    assert server.request(method, path, **cookie).status == 204
    assert server.request("GET", "/me", **cookie).status == 401
