"""``password.*``."""

import pytest

from tests.effects.caller import NOT_FOUND, PASSWORD, Caller, Person, refusal, seen
from tests.effects.conftest import Serve
from tests.effects.rows import shows

OFF = {"password.enabled": False}
PATHS = {"/password": "PUT", "/password/login": "POST"}


def too_short(minimum: int) -> tuple[int, object]:
    """The refusal of a new password."""
    return refusal(400, f"password must be at least {minimum} characters long")


@shows("password.enabled", "false", "PUT /password, POST /password/login")
def test_passwords_that_are_off_neither_log_in_nor_can_be_set(serve: Serve) -> None:
    caller = serve(OFF)
    alice = caller.person(password=True)
    body = {"user_id": str(alice.user_id), "password": PASSWORD}
    for path, method in PATHS.items():
        for by in (alice, None):
            assert seen(caller.call(method, path, body, by=by)) == NOT_FOUND
        for other in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            assert seen(caller.call(other, path)) == NOT_FOUND
    assert caller.count_sessions(alice) == 1


@shows("password.enabled", "false", "GET /.well-known/config")
def test_frontends_are_told(serve: Serve) -> None:
    assert serve(OFF).config()["password"] == {"enabled": False, "min_password_length": 8}


@shows("password.min_length", "12", "PUT /password with 11 / 12 characters")
@shows("password.min_length", "12", "GET /.well-known/config")
def test_a_password_has_so_many_characters(serve: Serve, alice: Person) -> None:
    caller = serve({"password.min_length": 12})
    assert seen(caller.set_password(alice, "a" * 11)) == too_short(12)
    assert caller.set_password(alice, "a" * 12).status_code == 201
    assert caller.config()["password"]["min_password_length"] == 12


def test_characters_are_counted_and_not_bytes(serve: Serve, alice: Person) -> None:
    caller = serve({"password.min_length": 4})
    assert seen(caller.set_password(alice, "äöü")) == too_short(4)
    assert caller.set_password(alice, "äöüß").status_code == 201


@shows("password.min_length", "20")
def test_a_shorter_one_that_was_set_before_still_logs_in(serve: Serve, base: Caller, alice: Person) -> None:
    base.set_password(alice, PASSWORD)
    assert serve({"password.min_length": 20}).log_in_by_password(alice).status_code == 200


@shows("password.min_length", "0 or 1")
@pytest.mark.parametrize("minimum", [0, 1])
def test_one_character_may_be_enough(serve: Serve, alice: Person, minimum: int) -> None:
    caller = serve({"password.min_length": minimum})
    assert seen(caller.set_password(alice, "")) == refusal(400, "password is a required field")
    assert caller.set_password(alice, "a").status_code == 201
    assert caller.log_in_by_password(alice, "a").status_code == 200


@shows("password.min_length", "80")
def test_a_minimum_beyond_what_bcrypt_takes_lets_none_be_set(serve: Serve, alice: Person) -> None:
    caller = serve({"password.min_length": 80})
    assert seen(caller.set_password(alice, "a" * 73)) == too_short(80)
    assert seen(caller.set_password(alice, "a" * 80)) == refusal(
        400, "password must not be longer than 72 bytes"
    )


@shows("password.acquire_on_login", "x")
def test_when_a_password_is_asked_for_is_not_checked(serve: Serve) -> None:
    assert serve({"password.acquire_on_login": "x"}).get("/health/alive").status_code == 200
