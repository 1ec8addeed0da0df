"""``users sessions`` and ``end-sessions``."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from hanko_compat.storage.models import Session
from tests.cli.terminal import run
from tests.factories import make_session, now


@pytest.fixture
def sessions(alice):
    """Two live sessions and one that is over, the latest last; and another user's."""
    make_session()
    made = [
        make_session(user=alice, created_at=now() - timedelta(hours=ago), user_agent=f"browser {ago}")
        for ago in (20, 2, 1)
    ]
    return [str(session.id) for session in made]


def left(services):
    with services.database.connection():
        return {str(session.id) for session in Session.select()}


def test_the_latest_come_first(config, alice, sessions):
    rows = map(json.loads, run("users", "sessions", str(alice), "--json", *config).stdout.splitlines())
    assert [(row["id"], row["status"], row["user_agent"], row["ip_address"]) for row in rows] == [
        (sessions[2], "active", "browser 1", "127.0.0.1"),
        (sessions[1], "active", "browser 2", "127.0.0.1"),
        (sessions[0], "expired", "browser 20", "127.0.0.1"),
    ]
    headings, *lines = run("users", "sessions", str(alice), *config).stdout.splitlines()
    assert headings.startswith("ID ")
    assert [line.split()[1] for line in lines] == ["active", "active", "expired"]


def test_a_user_without_sessions(config, alice):
    result = run("users", "sessions", str(alice), *config)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "the user has no session\n")
    result = run("users", "end-sessions", str(alice), *config)
    assert (result.exit_code, result.stdout) == (0, f"user {alice}: has no session\n")


def test_all_sessions_end_and_those_of_others_stay(config, services, alice, sessions, audited):
    others = left(services) - set(sessions)
    result = run("users", "end-sessions", "alice@example.test", "--yes", *config)
    assert (result.exit_code, result.stdout) == (0, f"user {alice}: 3 sessions have ended\n")
    assert left(services) == others
    assert [type_ for type_, _ in audited(alice)] == ["session_revoked"] * 2


def test_one_session_ends(config, services, alice, sessions, audited):
    result = run("users", "end-sessions", str(alice), "--session", sessions[1], "--yes", *config)
    assert (result.exit_code, result.stdout) == (0, f"user {alice}: 1 session has ended\n")
    assert sessions[1] not in left(services)
    assert {sessions[0], sessions[2]} < left(services)
    assert [type_ for type_, _ in audited(alice)] == ["session_revoked"]


@pytest.mark.parametrize("is_anothers", [True, False])
def test_a_session_of_another_user_does_not_end(config, services, alice, sessions, is_anothers):
    before = left(services)
    (other,) = before - set(sessions)
    wanted = other if is_anothers else str(uuid4())
    result = run(
        "users", "end-sessions", str(alice), "--session", sessions[1], "--session", wanted, "--yes", *config
    )
    assert (result.exit_code, f"the user has no session {wanted}" in result.stderr) == (3, True)
    assert left(services) == before
