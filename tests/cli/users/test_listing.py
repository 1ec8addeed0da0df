"""``users list`` and ``users show``: what an operator finds out about users."""

import json
from uuid import UUID

import pytest

from hanko_compat import public_ids
from hanko_compat.cli.operator import operator
from hanko_compat.cli.users import listing
from hanko_compat.services.users.records import UserStatus
from tests.cli.terminal import run
from tests.factories import (
    make_account,
    make_credential,
    make_email,
    make_identity,
    make_metadata,
    make_otp_secret,
    make_password,
    make_session,
    make_user,
    make_username,
)


def listed(*arguments):
    result = run("users", "list", "--json", *arguments)
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_people_see_who_there_is(config, alice):
    make_email(user=alice, address="second@example.test", verified=False)
    make_username(user=alice, username="alice")
    headings, line = run("users", "list", *config).stdout.splitlines()
    assert headings.split() == ["ID", "STATUS", "CREATED", "NAME", "EMAILS", "USERNAMES"]
    assert line.startswith(f"{alice}  active  ")
    assert line.endswith("  -     alice@example.test (primary), second@example.test (pending)  alice")


def test_a_primary_address_that_is_not_verified_is_told_from_one_that_is(config, services):
    make_account(address="new@example.test", verified=False)
    assert run("users", "list", *config).stdout.endswith("new@example.test (primary, unverified)  -\n")
    ((address,),) = [user["emails"] for user in listed(*config)]
    assert (address["status"], address["is_verified"]) == ("primary", False)


def test_programs_get_all_of_it(config, alice):
    (user,) = listed(*config)
    assert (user["id"], user["backend_id"]) == (str(alice), public_ids.encode("user_id", alice))
    assert [(each["value"], each["status"]) for each in user["emails"]] == [("alice@example.test", "primary")]
    assert user["usernames"] == user["phones"] == []


def test_the_latest_come_first_up_to_a_number(config, services, clock):
    users = []
    for _ in range(4):
        clock.advance(seconds=1)
        users.append(make_user(created_at=clock()).id)
    found = listed("--limit", "3", *config)
    assert [user["id"] for user in found] == [str(each) for each in users[:0:-1]]


def test_search_and_status(config, services, alice):
    bob = make_account(address="bob@example.test").user_id
    services.users.records.update(bob, name="Bob", status=UserStatus.DISABLED, client=operator())
    for value in ("bob@example.test", "BOB@example.test", "Bob"):
        assert [user["id"] for user in listed("--search", value, *config)] == [str(bob)]
    assert [user["id"] for user in listed("--status", "disabled", *config)] == [str(bob)]
    assert [user["id"] for user in listed("--status", "active", *config)] == [str(alice)]
    none = run("users", "list", "--search", "nobody", *config)
    assert (none.exit_code, none.stdout, none.stderr) == (0, "", "there is no such user\n")


def test_all_users_are_read_in_steps(config, services, monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 3)
    users = sorted(str(make_user().id) for _ in range(7))
    assert [user["id"] for user in listed("--all", *config)] == users


def test_show_tells_everything_but_secrets(config, alice):
    make_username(user=alice, username="alice")
    make_password(user=alice)
    make_otp_secret(user=alice)
    make_credential(user=alice)
    make_credential(user=alice, mfa_only=True)
    make_session(user=alice)
    make_metadata(user=alice, private_metadata='{"plan": "gold"}')
    make_identity(email=make_email(user=alice, address="at-google@example.test"), provider_user_id="g-7")
    result = run("users", "show", "alice@example.test", "--json", *config)
    shown = json.loads(result.stdout)
    assert shown["id"] == str(alice)
    assert {key: shown[key] for key in ("has_password", "has_authenticator_app")} == {
        "has_password": True,
        "has_authenticator_app": True,
    }
    assert (shown["passkeys"], shown["security_keys"], shown["sessions"]) == (1, 1, 1)
    assert shown["accounts"] == [{"provider": "google", "id": "g-7"}]
    assert shown["metadata"] == {"private": {"plan": "gold"}}
    assert "JBSWY3DPEHPK3PXP" not in result.output
    assert "$2a$" not in result.output


def test_show_for_people_has_a_line_for_each_identifier(config, alice):
    make_email(user=alice, address="second@example.test")
    lines = run("users", "show", str(alice), *config).stdout.splitlines()
    told = {line[:19].strip(): line[19:] for line in lines}
    assert told["ID"] == str(alice)
    assert told["STATUS"] == "active"
    position = next(number for number, line in enumerate(lines) if line.startswith("EMAILS"))
    assert [line[19:] for line in lines[position : position + 2]] == [
        "alice@example.test (primary)",
        "second@example.test",
    ]
    assert told["PASSWORD"] == "no"


@pytest.mark.parametrize("command", [["list"], ["show", "usr-7"]], ids=lambda words: words[0])
def test_a_name_cannot_command_the_terminal(config, services, command):
    make_user(id=UUID(int=7), name="\x1b[2J\x1b]0;owned\x07")
    result = run("users", *command, *config)
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert "\\x1b[2J" in result.stdout
