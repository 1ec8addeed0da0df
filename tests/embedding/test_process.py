"""When an embedded server is made ready, and by which process."""

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from hanko_compat import HankoCompat
from hanko_compat.embedding import process
from tests.embedding.conftest import FRONTEND, host_app, sign_up
from tests.servers.hanko_compat import HankoCompat as Served
from tests.servers.run import Run
from tests.settings import settings_on
from tests.smtp import MailServer

HOST = """
import threading
from flask import Flask
from hanko_compat import HankoCompat

app = Flask("shop")
app.add_url_rule("/threads", view_func=lambda: [each.name for each in threading.enumerate()])
HankoCompat(app, config="config.yaml")
if {is_used}:
    assert app.test_client().get("/auth/health/ready").status_code == 200
"""

CHEAP = {"hanko_compat.jwk.algorithm": "ES256"}  # a key is made in no time


def delivering() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name.startswith("delivery-")}


def test_before_the_first_request_nothing_is_there(tmp_path: Path) -> None:
    app, before = Flask("shop"), delivering()
    hanko = HankoCompat(app, config=settings_on(f"sqlite:///{tmp_path}/new.sqlite3", CHEAP))
    assert list(tmp_path.iterdir()) == []
    assert delivering() == before
    assert app.test_client().get("/auth/health/ready").status_code == 200
    assert len(delivering() - before) == 1
    hanko.close()
    assert delivering() == before


def test_what_is_closed_begins_anew(shop: Flask, embed: Callable[..., HankoCompat]) -> None:
    app = host_app()
    hanko = embed(app)
    user_id, token = sign_up(app, "alice@example.test")
    hanko.close()
    answer = app.test_client().get("/orders", headers={"Authorization": f"Bearer {token}"})
    assert answer.json == {"user": user_id}


def test_what_is_not_ready_says_so_until_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A file stands where the folder of the database has to be."""
    monkeypatch.setattr(process, "PAUSE", 0.0)
    in_the_way = tmp_path / "data"
    in_the_way.touch()
    app = host_app()
    hanko = HankoCompat(app, config=settings_on(f"sqlite:///{in_the_way}/new.sqlite3", CHEAP))
    with caplog.at_level(logging.ERROR):
        answer = app.test_client().get("/auth/me", headers={"Origin": FRONTEND})
    assert (answer.status_code, answer.json) == (503, {"code": 503, "message": "Service Unavailable"})
    assert (answer.headers["Access-Control-Allow-Origin"], answer.headers["Retry-After"]) == (FRONTEND, "1")
    (record,) = [record for record in caplog.records if record.message == "not_ready"]
    assert str(in_the_way) in record.reason
    for path in ("/", "/orders"):
        answer = app.test_client().get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    in_the_way.unlink()
    assert app.test_client().get("/auth/health/ready").status_code == 200
    assert app.test_client().get("/orders").status_code == 401
    hanko.close()


def test_after_a_failure_the_database_is_left_alone_for_a_while(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    app = host_app()
    HankoCompat(app, config=settings_on(f"sqlite:///{tmp_path}/data/new.sqlite3"))
    assert app.test_client().get("/auth/me").status_code == 503
    (tmp_path / "data").unlink()
    assert app.test_client().get("/auth/me").status_code == 503


class Preloaded(Served):
    """An application of somebody else's, which plain gunicorn loads before it forks its workers."""

    is_used = False

    def install(self) -> None:
        """Write the application."""
        super().install()
        (self.folder / "host.py").write_text(HOST.format(is_used=self.is_used))

    def command(self) -> list[str]:
        python, *_ = super().command()
        return [python, "-m", "gunicorn", "--preload", *self.options(), "host:app"]

    def is_ready(self) -> bool:
        """Whether it answers."""
        return self.request("GET", "/auth/health/ready").status == 200


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.mark.servers
@pytest.mark.parametrize("is_used", [False, True])
def test_workers_that_are_forked_deliver(
    is_used: bool, database_url: str, test_run: Run, mail_server: MailServer
) -> None:
    """Also where the application was used before the fork: threads and connections stay the parent's."""
    smtp = {"host": "127.0.0.1", "port": str(mail_server.port)}
    server = Preloaded(test_run, settings_on(database_url, {"email_delivery.smtp": smtp}), workers=1)
    server.is_used = is_used
    server.start()
    try:
        user = server.request("POST", "/auth/users", {"email": "alice@example.test"}).body
        body = {"user_id": user["user_id"], "email_id": user["email_id"]}
        assert server.request("POST", "/auth/passcode/login/initialize", body).status == 200
        mail_server.wait_for_mail("alice@example.test")
        assert "delivery-1" in server.request("GET", "/threads").body
    finally:
        server.remove()
