"""``users disable``, ``enable`` and ``delete``: what they end, and that they ask before."""

import pytest

from hanko_compat import __version__
from hanko_compat.errors.users import UserNotFound
from hanko_compat.services.users.records import UserStatus
from hanko_compat.storage.models import Session
from tests.cli.terminal import run
from tests.factories import make_account, make_session
from tests.services.webhooks import hooks


def sessions_of(services, user_id):
    with services.database.connection():
        return Session.select().where(Session.user == user_id).count()


def test_a_disabled_user_has_no_session_until_enabled(config, services, alice, audited):
    make_session(user=alice)
    result = run("users", "disable", "alice@example.test", "--yes", *config)
    assert (result.exit_code, result.stdout) == (0, f"user {alice}: is disabled\n")
    assert services.users.records.get(alice).status == UserStatus.DISABLED
    assert sessions_of(services, alice) == 0
    ((type_, who),) = audited(alice)
    assert type_ == "user_updated"
    assert who.startswith(f"hanko-compat/{__version__} (")
    result = run("users", "enable", str(alice), *config)
    assert (result.exit_code, result.stdout) == (0, f"user {alice}: is active\n")
    assert services.users.records.get(alice).status == UserStatus.ACTIVE


def test_deleted_users_are_gone_with_what_they_had(config, services, alice, audited):
    bob = make_account(address="bob@example.test").user_id
    carol = make_account(address="carol@example.test").user_id
    make_session(user=alice)
    result = run("users", "delete", "alice@example.test", str(bob), "--yes", *config)
    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        [f"user {alice}: is deleted", f"user {bob}: is deleted"],
    )
    for user_id in (alice, bob):
        with pytest.raises(UserNotFound):
            services.users.records.get(user_id)
        assert [type_ for type_, _ in audited(user_id)] == ["user_deleted"]
    assert [delivery.kind for delivery in hooks.waiting(services)] == ["user.delete", "user.delete"]
    assert services.users.records.get(carol)
    assert sessions_of(services, alice) == 0


def test_none_is_deleted_when_one_is_not_there(config, services, alice):
    result = run("users", "delete", str(alice), "bob@example.test", "--yes", *config)
    assert (result.exit_code, result.stdout) == (3, "")
    assert services.users.records.get(alice)


@pytest.mark.parametrize("command", ["disable", "delete", "end-sessions"])
def test_without_a_terminal_nothing_is_done_unless_told_to(config, services, alice, command):
    make_session(user=alice)
    result = run("users", command, str(alice), *config, stdin="y\n")
    assert result.exit_code == 2
    assert "add --yes" in result.stderr
    assert services.users.records.get(alice).status == UserStatus.ACTIVE
    assert sessions_of(services, alice) == 1
