"""An owner whom strangers have locked out on a new device gets in by the link of the notice."""

import http.client
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.faults.conftest import Starter
from tests.faults.racing import at_once
from tests.servers.hanko_compat import Answer, HankoCompat, PatientWithRedis, parse
from tests.smtp import MailServer

pytestmark = pytest.mark.servers

ADDRESS = "alice@example.test"
PASSWORD = "correct horse battery"
URL = "https://auth.example.test"
GUESSES = "hanko_compat.limits.wrong_guesses"
LIMITED = {
    "rate_limiter.enabled": True,
    "password.enabled": True,
    "hanko_compat.public_url": URL,
    "hanko_compat.trusted_proxies": ["127.0.0.1/32"],
    "hanko_compat.limits.hashing.queue": 20,
    GUESSES: {
        "account": {"first_day": 6, "further_days": 3},
        "account_and_client": {"first_day": 3, "further_days": 2},
        "notice_after": 3,
    },
}
PRESSED, USED = 200, 410


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture(params=["database", "redis"])
def start_limited(
    request: pytest.FixtureRequest, start: Starter, mail_server: MailServer
) -> Callable[[], HankoCompat]:
    """Start four workers that count there."""
    changes: dict[str, Any] = {
        **LIMITED,
        "email_delivery.smtp": {"host": "127.0.0.1", "port": str(mail_server.port)},
    }
    if request.param == "redis":
        changes |= request.getfixturevalue("on_redis")
    return lambda: start(changes, kind=PatientWithRedis)


class Somebody:
    """A browser at an address, which keeps its device cookie and no other."""

    def __init__(self, server: HankoCompat, address: str) -> None:
        self.server = server
        self.headers = {"X_Forwarded_For": address}

    def post(self, path: str, body: dict[str, str]) -> Answer:
        return self.keep(self.server.request("POST", path, body, **self.headers))

    def log_in(self, user_id: str, password: str = PASSWORD) -> int:
        return self.post("/password/login", {"user_id": user_id, "password": password}).status

    def press(self, token: str) -> int:
        """Press the button of the page."""
        headers = {name.replace("_", "-"): value for name, value in self.headers.items()}
        headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": URL}
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        connection.request("POST", "/device-cookie", urlencode({"token": token}), headers)
        response = connection.getresponse()
        answer = self.keep(Answer(response.status, response.headers, parse(response.read())))
        connection.close()
        return answer.status

    def keep(self, answer: Answer) -> Answer:
        cookies = SimpleCookie("; ".join(answer.headers.get_all("Set-Cookie", [])))
        if "hanko_compat_device" in cookies:
            self.headers["Cookie"] = f"hanko_compat_device={cookies['hanko_compat_device'].value}"
        return answer


def sign_up(server: HankoCompat, mail_server: MailServer) -> str:
    """Make a user with a verified address and a password."""
    made = server.request("POST", "/users", {"email": ADDRESS}).body
    wanted = {"user_id": made["user_id"], "email_id": made["email_id"]}
    passcode = server.request("POST", "/passcode/login/initialize", wanted).body
    tried = {"id": passcode["id"], "code": code_in(mail_server, number=1)}
    answer = server.request("POST", "/passcode/login/finalize", tried)
    cookies = SimpleCookie("; ".join(answer.headers.get_all("Set-Cookie", [])))
    new = {"user_id": made["user_id"], "password": PASSWORD}
    authorization = f"Bearer {cookies['hanko'].value}"
    assert server.request("PUT", "/password", new, Authorization=authorization).status == 201
    return str(made["user_id"])


def code_in(mail_server: MailServer, *, number: int) -> str:
    subject = mail_server.wait_for_mail(ADDRESS, number=number).message["Subject"]
    return re.search(r"\b[0-9]{6}\b", subject)[0]  # type: ignore[index]


def lock_out(server: HankoCompat, user_id: str) -> None:
    """Guess from two addresses until nobody is let through who is not known."""
    for number in range(2):
        stranger = Somebody(server, f"203.0.113.{number}")
        assert [stranger.log_in(user_id, "wrong horse") for _ in range(3)] == [401] * 3


def test_an_owner_on_a_new_device_gets_in_by_the_link(
    start_limited: Callable[[], HankoCompat], mail_server: MailServer
) -> None:
    server = start_limited()
    user_id = sign_up(server, mail_server)
    lock_out(server, user_id)
    people = [Somebody(server, f"198.51.100.{number}") for number in range(20)]
    assert people[0].log_in(user_id) == 429

    text = mail_server.wait_for_mail(ADDRESS, number=2).message.get_body(("plain",)).get_content()
    (token,) = re.findall(rf"{URL}/device-cookie\?token=(\S+)", text)
    looks = [server.request("GET", f"/device-cookie?token={token}").status for _ in range(3)]
    assert looks == [200, 200, 200]
    statuses = at_once([partial(somebody.press, token) for somebody in people])
    assert Counter(statuses) == {PRESSED: 1, USED: 19}

    owner = people.pop(statuses.index(PRESSED))
    assert owner.log_in(user_id) == 200
    started = owner.post("/passcode/login/initialize", {"user_id": user_id})
    assert started.status == 200, started.body
    tried = {"id": started.body["id"], "code": code_in(mail_server, number=3)}
    assert owner.post("/passcode/login/finalize", tried).status == 200

    assert [somebody.log_in(user_id) for somebody in people[:3]] == [429, 429, 429]
    assert len(mail_server.mails(ADDRESS)) == 3
    assert token not in server.log.read_text()
