"""Two applications in one process: each has its own configuration, database, keys, limits and users."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from hanko_compat import wiring
from hanko_compat.app import create_app
from hanko_compat.config import from_mapping
from hanko_compat.storage.models import User
from hanko_compat.storage.schema import migrate
from hanko_compat.wiring.start import prepare
from tests.faults.racing import at_once
from tests.servers.postgres import Postgres
from tests.settings import settings_on

PASSWORD = "correct horse"
SHARED = "everywhere@example.test"

FIRST = {
    "secrets.keys": ["the-secret-of-the-first"],
    "session.cookie.name": "first",
    "hanko_compat.jwk.algorithm": "ES256",
    "hanko_compat.limits.signup.tokens": 100,
}
SECOND = {
    "secrets.keys": ["the-secret-of-the-second"],
    "session.cookie.name": "second",
    "hanko_compat.jwk.algorithm": "EdDSA",
    "hanko_compat.limits.signup.tokens": 3,
}
BOTH = {
    "email.require_verification": False,
    "password.enabled": True,
    "rate_limiter.enabled": True,
    "rate_limiter.password_limits.tokens": 1000,
    "hanko_compat.limits.account.tokens": 1000,
    "session.limit": 100,
}


class Application:
    """An application, ready to serve, and a caller of it."""

    def __init__(self, url: str, settings: dict[str, object]) -> None:
        self.services = wiring.build(from_mapping(settings_on(url, BOTH | settings), environ={}))
        if self.services.database.dialect != "sqlite":
            migrate.up(self.services.database)
        prepare(self.services)
        self.app = create_app(self.services.config, services=self.services)
        self.cookie: str = self.services.config.session.cookie.name

    @property
    def client(self) -> FlaskClient:
        """A caller without cookies of its own."""
        return self.app.test_client(use_cookies=False)

    def sign_up(self, address: str) -> tuple[str, str]:
        """The id and the session token of a new user."""
        answer = self.client.post("/users", json={"email": address})
        assert answer.status_code == 200, answer.json
        return answer.json["user_id"], self._token(answer.headers.getlist("Set-Cookie"))

    def set_password(self, user_id: str, token: str) -> None:
        """Give the user a password."""
        body = {"user_id": user_id, "password": PASSWORD}
        answer = self.client.put("/password", json=body, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code in (200, 201), answer.json

    def log_in(self, user_id: str) -> str | None:
        """The token of a new session; None when the user or the password is not known here."""
        answer = self.client.post("/password/login", json={"user_id": user_id, "password": PASSWORD})
        return self._token(answer.headers.getlist("Set-Cookie")) if answer.status_code == 200 else None

    def user_of(self, token: str) -> str | None:
        """Whose session it is; None when it is none of this application's."""
        answer = self.client.get("/me", headers={"Authorization": f"Bearer {token}"})
        return answer.json["id"] if answer.status_code == 200 else None

    def is_valid(self, token: str) -> bool:
        """What the session check says."""
        headers = {"Authorization": f"Bearer {token}"}
        valid: bool = self.client.get("/sessions/validate", headers=headers).json["is_valid"]
        return valid

    def users(self) -> set[str]:
        """Who is in the database."""
        with self.services.database.connection():
            return {str(user_id) for (user_id,) in User.select(User.id).tuples()}

    def counted_sign_ups(self) -> float | None:
        """How many sign-ups it has answered with 200, as Prometheus gets to know."""
        labels = {"route": "/users", "method": "POST", "status": "200"}
        return self.services.metrics.registry.get_sample_value("hanko_compat_requests_total", labels)

    def _token(self, cookies: list[str]) -> str:
        (cookie,) = [cookie for cookie in cookies if cookie.startswith(f"{self.cookie}=")]
        return cookie.partition(";")[0].partition("=")[2]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.servers)])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Two empty databases: two files, or a file and one on a server."""
    first, second = f"sqlite:///{tmp_path}/first.sqlite3", f"sqlite:///{tmp_path}/second.sqlite3"
    if request.param == "sqlite":
        return first, second
    server = Postgres(request.getfixturevalue("test_run"))
    server.shared()
    return first, server.create_database("second")


@pytest.fixture
def applications(urls: tuple[str, str]) -> Iterator[tuple[Application, Application]]:
    first, second = Application(urls[0], FIRST), Application(urls[1], SECOND)
    yield first, second
    for each in (first, second):
        each.services.database.close_all()


@pytest.mark.slow
def test_they_are_used_in_turn(applications: tuple[Application, Application]) -> None:
    known = {}
    for each in (*applications, *applications[::-1]):
        if each not in known:
            known[each] = each.sign_up(SHARED)
            each.set_password(*known[each])
        user_id, token = known[each]
        assert each.user_of(token) == user_id
        later = each.log_in(user_id)
        assert later is not None
        assert each.is_valid(later)
    for each, other in (applications, applications[::-1]):
        user_id, token = known[each]
        assert each.users() == {user_id}
        assert other.user_of(token) is None
        assert not other.is_valid(token)
        assert other.log_in(user_id) is None
        assert each.counted_sign_ups() == 1


def test_they_sign_with_keys_of_their_own(applications: tuple[Application, Application]) -> None:
    keys = [each.client.get("/.well-known/jwks.json").json["keys"] for each in applications]
    assert [[key["alg"] for key in published] for published in keys] == [["ES256"], ["EdDSA"]]
    first, second = ({key["kid"] for key in published} for published in keys)
    assert not first & second


def test_they_have_limits_of_their_own(applications: tuple[Application, Application]) -> None:
    def statuses(application: Application) -> list[int]:
        bodies = [{"email": f"{uuid4()}@example.test"} for _ in range(5)]
        return [application.client.post("/users", json=body).status_code for body in bodies]

    first, second = applications
    assert statuses(second) == [200, 200, 200, 429, 429]
    assert statuses(first) == [200] * 5


@pytest.mark.slow
@pytest.mark.usefixtures("hasty_threads")
def test_threads_use_both_at_once(applications: tuple[Application, Application]) -> None:
    first, second = applications
    shared = {each: each.sign_up(SHARED) for each in applications}
    for each, account in shared.items():
        each.set_password(*account)

    def log_in(application: Application, other: Application) -> str:
        user_id, token = shared[application]
        for _ in range(10):
            assert application.user_of(token) == user_id
            assert other.user_of(token) is None
            later = application.log_in(user_id)
            assert later is not None
            assert application.is_valid(later)
            assert not other.is_valid(later)
        return user_id

    def sign_up(application: Application, other: Application) -> str:
        user_id, token = application.sign_up(f"{uuid4()}@example.test")
        assert application.user_of(token) == user_id
        assert other.user_of(token) is None
        return user_id

    works = [log_in, log_in, sign_up, sign_up]
    seen = at_once(
        [partial(work, first, second) for work in works] + [partial(work, second, first) for work in works]
    )
    assert first.users() == set(seen[:4])
    assert second.users() == set(seen[4:])


def test_they_may_start_at_the_same_moment(urls: tuple[str, str]) -> None:
    starts = [lambda: Application(urls[0], FIRST), lambda: Application(urls[1], SECOND)]
    for each in at_once(starts):
        user_id, _ = each.sign_up(SHARED)
        assert each.users() == {user_id}
        each.services.database.close_all()
