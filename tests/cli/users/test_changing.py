"""``users create``, ``set-password`` and ``add-email``: what users have then, and what is refused."""

import json
from uuid import UUID

import bcrypt
import pytest

from hanko_compat.cli.operator import operator
from hanko_compat.services.identifiers import IdentifierStatus
from hanko_compat.storage import identifiers as rows
from hanko_compat.storage.models import Email, Passcode, PasswordCredential, Session, User
from tests.cli.terminal import run, write_config
from tests.factories import (
    make_email,
    make_passcode,
    make_password,
    make_session,
    make_user,
    make_username,
)
from tests.services.webhooks import hooks
from tests.settings import settings_on

PASSWORD = "correct horse battery"


def identifiers_of(services, user_id):
    """Sorted: MariaDB keeps no parts of a second, and what is made within one has no order of its own."""
    found = services.users.overviews.get(user_id).identifiers
    return sorted((str(each.type), each.value, str(each.status)) for each in found)


def fits(services, user_id, password):
    with services.database.connection():
        row = PasswordCredential.get(PasswordCredential.user == user_id)
    return bcrypt.checkpw(password.encode(), row.password.encode())


def users(services):
    with services.database.connection():
        return User.select().count()


def test_a_user_is_made_with_all_that_is_given(config, services, audited):
    result = run(
        "users", "create", "--email", "Bob@example.test", "--email", "bob@work.test", "--username", "bob",
        "--name", "Bob", "--password", *config, stdin=f"{PASSWORD}\n",
    )  # fmt: skip
    assert result.exit_code == 0
    user_id = UUID(result.stdout.strip())
    assert services.users.records.get(user_id).name == "Bob"
    assert identifiers_of(services, user_id) == [
        ("email", "Bob@example.test", "primary"),
        ("email", "bob@work.test", "verified"),
        ("username", "bob", "primary"),
    ]
    assert fits(services, user_id, PASSWORD)
    assert PASSWORD not in result.output
    assert sorted(type_ for type_, _ in audited(user_id)) == [
        "identifier_created",
        "identifier_created",
        "identifier_created",
        "password_set_succeeded",
        "user_created",
    ]
    looked_up = services.users.accounts.look_up("bob@example.test", client=operator())
    assert (looked_up.user_id, looked_up.is_verified) == (user_id, True)


def test_a_user_whose_address_is_still_to_be_verified(config, services):
    result = run("users", "create", "--email", "bob@example.test", "--unverified", "--json", *config)
    user_id = UUID(json.loads(result.stdout)["id"])
    assert identifiers_of(services, user_id) == [("email", "bob@example.test", "pending")]


def test_an_address_of_an_unconfirmed_sign_up_is_free(config, services, audited):
    squatter = make_email(address="bob@example.test", verified=False).user_id
    result = run("users", "create", "--email", "bob@example.test", *config)
    assert result.exit_code == 0
    assert identifiers_of(services, squatter) == []
    assert [type_ for type_, _ in audited(squatter)] == ["identifier_deleted"]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "text"),
    [
        (["--email", "new@example.test", "--email", "alice@example.test"], 1, "is taken: a user has"),
        (["--email", "new@example.test", "--username", "alice"], 1, "is taken: a user has"),
        (["--email", "no address"], 2, "no valid e-mail address"),
        ([], 2, "give the user an address"),
        (["--username", " blank "], 2, "no valid username"),
        (["--email", "new@example.test", "--status", "unknown"], 2, "'unknown' is not one of"),
    ],
)
def test_what_cannot_be_made_leaves_nothing(config, services, alice, arguments, exit_code, text):
    make_username(user=alice, username="alice")
    result = run("users", "create", *arguments, *config)
    assert (result.exit_code, text in result.stderr) == (exit_code, True)
    assert users(services) == 1
    with services.database.connection():
        assert [row.address for row in Email.select()] == ["alice@example.test"]


def test_the_unique_key_decides_between_two_at_once(config, services, alice, monkeypatch):
    make_username(user=alice, username="alice")
    # As if that were stored after the look, and before the write.
    monkeypatch.setattr(rows, "is_username", lambda *_: False)
    result = run("users", "create", "--email", "new@example.test", "--username", "alice", *config)
    assert (result.exit_code, "is taken: a user has" in result.stderr) == (1, True)
    assert users(services) == 1


def test_webhooks_hear_of_a_user_and_of_what_it_has(config, services):
    run("users", "create", "--email", "bob@example.test", "--username", "bob", *config)
    kinds = [delivery.kind for delivery in hooks.waiting(services)]
    assert kinds == ["user.create", "user.update.email.create", "user.update.username.create"]


def test_a_new_password_ends_what_the_old_one_began(config, services, alice, inbox, clock, audited):
    make_password(user=alice)
    make_session(user=alice)
    make_passcode(user=alice, email=make_email(user=alice, address="second@example.test"))
    result = run("users", "set-password", "alice@example.test", *config, stdin=f"{PASSWORD}\r\n")
    assert (result.exit_code, result.stdout) == (
        0,
        f"user {alice}: has a new password, sessions have ended\n",
    )
    assert fits(services, alice, PASSWORD)
    with services.database.connection():
        assert Session.select().count() == Passcode.select().count() == 0
    assert [type_ for type_, _ in audited(alice)] == ["password_set_succeeded"]
    clock.advance(minutes=1)  # the command has another clock
    (mail,) = inbox.messages("alice@example.test")
    assert "password" in mail["Subject"].lower()


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "of a file with a mark of the byte order"])
def test_the_first_password(config, services, alice, mark):
    result = run("users", "set-password", str(alice), *config, stdin=f"{mark}{PASSWORD}\r\n")
    assert result.stdout == f"user {alice}: has a password, sessions have ended\n"
    assert fits(services, alice, PASSWORD)


@pytest.mark.parametrize(
    ("stdin", "text"),
    [
        (b"", "first line of standard input"),
        (b"\n", "first line of standard input"),
        (b"\xef\xbb\xbf\r\n", "first line of standard input"),
        (b"short\n", "password.min_length is 8 characters"),
        (b"x" * 73, "72 bytes"),
        (b"nul\0nul\0nul", "a character that is not allowed"),
        (b"\xff" * 10, "no UTF-8"),
    ],
    ids=range(7),
)
def test_what_is_no_password(config, services, alice, stdin, text):
    make_session(user=alice)
    result = run("users", "set-password", str(alice), *config, stdin=stdin)
    assert (result.exit_code, text in result.stderr) == (2, True)
    with services.database.connection():
        assert PasswordCredential.select().count() == 0
        assert Session.select().count() == 1


def test_passwords_are_disabled(database_url, alice, tmp_path):
    path = write_config(tmp_path / "none.yaml", settings_on(database_url, {"password.enabled": False}))
    result = run("users", "set-password", str(alice), "--config", str(path), stdin=PASSWORD)
    assert (result.exit_code, "password.enabled is false" in result.stderr) == (1, True)


def test_no_command_takes_a_password_as_an_argument(config, alice):
    for arguments in (["create", "--password", PASSWORD], ["set-password", str(alice), PASSWORD]):
        assert run("users", *arguments, *config, stdin="").exit_code == 2


@pytest.mark.parametrize(
    ("options", "status"), [([], "verified"), (["--primary"], "primary"), (["--unverified"], "pending")]
)
def test_add_email(config, services, alice, options, status):
    result = run("users", "add-email", "alice@example.test", "new@example.test", *options, *config)
    assert (result.exit_code, result.stdout) == (
        0,
        f"user {alice}: has the address new@example.test ({status})\n",
    )
    assert ("email", "new@example.test", status) in identifiers_of(services, alice)


def test_the_first_address_is_the_primary_one(config, services):
    user_id = make_user().id
    assert run("users", "add-email", str(user_id), "new@example.test", *config).exit_code == 0
    (added,) = services.users.overviews.get(user_id).identifiers
    assert added.status == IdentifierStatus.PRIMARY


@pytest.mark.parametrize(
    ("address", "options", "exit_code"),
    [
        ("taken@example.test", [], 1),
        ("no address", [], 2),
        ("new@example.test", ["--primary", "--unverified"], 2),
    ],
)
def test_what_address_is_not_added(config, services, alice, address, options, exit_code):
    make_email(address="taken@example.test")
    before = identifiers_of(services, alice)
    result = run("users", "add-email", str(alice), address, *options, *config)
    assert result.exit_code == exit_code
    assert identifiers_of(services, alice) == before
