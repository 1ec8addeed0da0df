"""Tables that are altered while the server works on them: no request fails."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from tests.backend.server import basic
from tests.databases import prepare
from tests.servers.hanko_compat import HankoCompat
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.run import Run
from tests.settings import settings_on

pytestmark = [pytest.mark.servers, pytest.mark.slow]

SETTINGS = {
    "email.require_verification": False,
    "email_delivery.enabled": False,
    "session.enable_auth_token_header": True,
}
# What the migrations of a later Hanko, or an operator, may do: each changes what a query gives, or may.
ALTERATIONS = {
    "postgres": [
        "ALTER TABLE emails ALTER COLUMN address TYPE text",
        "ALTER TABLE users ADD COLUMN nickname varchar(20)",
        "ALTER TABLE sessions ALTER COLUMN user_agent TYPE text",
        "ALTER TABLE emails ALTER COLUMN address TYPE varchar(320)",
        "ALTER TABLE sessions ADD COLUMN place varchar(20) DEFAULT 'nowhere'",
        "ALTER TABLE users DROP COLUMN nickname",
        "ALTER TABLE sessions ALTER COLUMN user_agent TYPE varchar(400)",
    ],
    "mariadb": [
        "ALTER TABLE emails MODIFY COLUMN address varchar(300) NOT NULL",
        "ALTER TABLE users ADD COLUMN nickname varchar(20)",
        "ALTER TABLE sessions MODIFY COLUMN user_agent varchar(300)",
        "ALTER TABLE emails MODIFY COLUMN address varchar(320) NOT NULL",
        "ALTER TABLE sessions ADD COLUMN place varchar(20) DEFAULT 'nowhere'",
        "ALTER TABLE users DROP COLUMN nickname",
        "ALTER TABLE sessions MODIFY COLUMN user_agent varchar(400)",
    ],
}
MANY = 15


@pytest.fixture(params=[Postgres, MariaDB], ids=["postgres", "mariadb"])
def altered(request: pytest.FixtureRequest, test_run: Run) -> Postgres | MariaDB:
    server = request.param(test_run)
    server.shared()
    return server


@pytest.fixture
def url(altered: Postgres | MariaDB) -> str:
    made = altered.create_database("altered")
    prepare(made)
    return made


@pytest.fixture
def server(test_run: Run, url: str) -> Iterator[HankoCompat]:
    served = HankoCompat(test_run, settings_on(url, SETTINGS), workers=2)
    served.start()
    yield served
    served.remove()


class Visitors:
    """They sign up, look at themselves and log out, again and again."""

    def __init__(self, server: HankoCompat) -> None:
        self.server = server
        secret = server.create_secret()
        self.inside = basic(secret.project_id, secret.secret)
        self.over = Event()
        self.answers: Counter[tuple[str, int]] = Counter()
        self.rounds = 0

    def visit(self, name: str) -> None:
        number = 0
        while not self.over.is_set():
            number += 1
            made = self._call("POST", "/users", {"email": f"{name}.{number}@example.test"})
            token = {"Authorization": f"Bearer {made.headers['X-Auth-Token']}"}
            for method, path in (
                ("GET", "/me"),
                ("GET", "/sessions/validate"),
                ("GET", "/emails"),
                ("POST", "/logout"),
            ):
                self._call(method, path, None, **token)
            for listed in ("users?", "identifiers?sort=identifierValue&", "sessions?"):
                self._call("GET", f"/v2/{listed}pageSize=5", None, **self.inside)
            self.rounds += 1

    def _call(self, method: str, path: str, body: object, **headers: str) -> Any:
        answer = self.server.request(method, path, body, **headers)
        self.answers[path, answer.status] += 1
        return answer

    def wait_for_rounds(self, number: int, until: Callable[[], bool]) -> None:
        """Wait for so many more rounds, or *until* all have ended."""
        goal = self.rounds + number
        while self.rounds < goal and not until():
            self.over.wait(0.05)


def test_no_request_fails(server: HankoCompat, altered: Postgres | MariaDB, url: str) -> None:
    visitors = Visitors(server)
    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(visitors.visit, f"visitor{number}") for number in range(4)]

        def have_ended() -> bool:
            return all(each.done() for each in running)

        try:
            visitors.wait_for_rounds(MANY, have_ended)
            for statement in ALTERATIONS[altered.name]:
                altered.execute(statement, database=url.rpartition("/")[2])
                visitors.wait_for_rounds(MANY, have_ended)
        finally:
            visitors.over.set()
        for each in running:
            each.result()
    failed = {key: number for key, number in visitors.answers.items() if key[1] >= 300}
    assert failed == {}, server.log.read_text()[-3000:]
    assert visitors.rounds >= MANY * len(ALTERATIONS[altered.name])
