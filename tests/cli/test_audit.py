"""``hanko-compat audit``: who did what, for whoever is asked at night."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from hanko_compat import public_ids
from hanko_compat.cli.audit import go_on
from hanko_compat.client import Client
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.services.audit.reading import Wanted
from hanko_compat.services.events import Event, EventType
from tests.cli.terminal import run, write_config
from tests.factories import make_account
from tests.settings import settings_on

ON = {"audit_log.storage.enabled": True, "audit_log.console_output.enabled": False}
CLIENT = Client(ip_address="203.0.113.7", user_agent="\x1b[2Jbrowser", request_id="request-1")


@pytest.fixture
def services(make_services):
    return make_services(ON)


@pytest.fixture
def config(database_url):
    return ("--config", str(write_config(Path("audit.yaml"), settings_on(database_url, ON))))


@pytest.fixture
def report(services, clock):
    """Have something happen, a second later each time."""

    def report(type_, user_id=None, **facts):
        clock.advance(seconds=1)
        services.events.report(Event(type=type_, client=CLIENT, user_id=user_id, **facts), services.database)

    return report


@pytest.fixture
def alice(services):
    return make_account(address="alice@example.test").user_id


def types(*arguments):
    result = run("audit", "--json", *arguments)
    assert result.exit_code == 0
    return [json.loads(line)["type"] for line in result.stdout.splitlines()]


def test_people_and_programs_see_what_happened(config, report, alice):
    report(
        EventType.PASSWORD_LOGIN_FAILED, alice, email="alice@example.test", error="password hash not equal"
    )
    headings, line = run("audit", *config).stdout.splitlines()
    assert headings.split() == ["TIME", "TYPE", "USER", "ADDRESS", "FROM", "ERROR", "DETAILS"]
    assert line.split("  ")[1:] == [
        "password_login_failed",
        str(alice),
        "ali**@example.test",
        "203.0.113.7",
        "password hash not equal",
        "-",
    ]
    told = json.loads(run("audit", "--json", *config).stdout)
    assert (told["user_agent"], told["request_id"], told["details"]) == (CLIENT.user_agent, "request-1", None)


def test_the_latest_of_a_user_and_of_types(config, report, alice):
    gone = UUID(int=7)
    report(EventType.USER_CREATED, alice)
    report(EventType.USER_DELETED, gone)
    report(EventType.PASSWORD_SET_SUCCEEDED, alice)
    report(EventType.USER_LOGGED_OUT, alice)
    assert types("--user", "alice@example.test", *config) == [
        "user_created",
        "password_set_succeeded",
        "user_logged_out",
    ]
    assert types("--user", public_ids.encode("user_id", gone), *config) == ["user_deleted"]
    assert types("--type", "user_created", "--type", "user_deleted", *config) == [
        "user_created",
        "user_deleted",
    ]
    assert types("--limit", "2", *config) == ["password_set_succeeded", "user_logged_out"]
    assert types("--since", "2000-01-01", *config)[0] == "user_created"
    none = run("audit", "--since", "2100-01-01", *config)
    assert (none.exit_code, none.stdout, none.stderr) == (0, "", "there is no such event\n")


def test_a_user_that_is_not_there(config, alice):
    result = run("audit", "--user", "bob@example.test", *config)
    assert (result.exit_code, "there is no user 'bob@example.test'" in result.stderr) == (3, True)


def test_whoever_writes_no_rows_is_told(database_url, alice):
    path = write_config(Path("off.yaml"), settings_on(database_url, {"audit_log.storage.enabled": False}))
    result = run("audit", "--config", str(path))
    assert (result.exit_code, "audit_log.storage.enabled is false" in result.stderr) == (0, True)


@pytest.mark.slow
@pytest.mark.one_database
def test_following_goes_on_until_it_is_interrupted(config, report, alice):
    report(EventType.USER_CREATED, alice)
    command = [sys.executable, "-m", "hanko_compat", "audit", "--follow", "--json", *config]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert json.loads(process.stdout.readline())["type"] == "user_created"
        report(EventType.USER_DELETED, alice)
        assert json.loads(process.stdout.readline())["type"] == "user_deleted"
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == ""
    assert process.returncode == 0


def test_following_shows_what_comes_and_waits_for_the_database(services, report, alice, capsys):
    follower, shown, pauses = services.audit.reading.follow(Wanted()), [], []
    looks = [
        lambda: report(EventType.USER_CREATED, alice),
        None,
        lambda: report(EventType.USER_DELETED, alice),
    ]

    class Flaky:
        """The follower, with a database that is away at every other look."""

        count = 0

        def look(self):
            self.count += 1
            if self.count in (2, 3):
                raise DatabaseUnavailable
            return follower.look()

    def pause(seconds):
        pauses.append(seconds)
        if not looks:
            raise KeyboardInterrupt
        happen = looks.pop(0)
        if happen:
            happen()

    with pytest.raises(KeyboardInterrupt):
        go_on(Flaky(), lambda new: shown.extend(entry.type for entry in new), pause=pause)
    assert shown == ["user_created", "user_deleted"]
    assert min(pauses) >= 1
    assert capsys.readouterr().err.count("waiting for it") == 1
