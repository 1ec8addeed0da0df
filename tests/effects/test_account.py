"""``account.*``."""

from typing import Any

import pytest

from hanko_compat.storage.models import Email, PasswordCredential, Session, Username
from tests.effects.caller import NOT_FOUND, PASSWORD, Caller, Person, attributes_of, refusal, seen
from tests.effects.conftest import Serve
from tests.effects.rows import shows
from tests.factories import make_username

NO_SIGN_UP = {"account.allow_signup": False}
DELETION = {"account.allow_deletion": True}


@shows("account.allow_signup", "false", "POST /users, any body")
@pytest.mark.parametrize(
    "body",
    [
        {"json": {"email": "bob@example.test"}},
        {"json": {}},
        {"data": "{"},
        {"data": "x", "content_type": "text/plain"},
        {},
    ],
    ids=str,
)
def test_sign_up_is_refused_whatever_the_body(serve: Serve, body: dict[str, Any]) -> None:
    response = serve(NO_SIGN_UP).client.post("/users", **body)
    assert seen(response) == refusal(403, "Forbidden")


@shows("account.allow_signup", "false", "GET /.well-known/config")
@shows("account.allow_deletion", "true", "GET /.well-known/config")
def test_frontends_are_told(serve: Serve) -> None:
    assert serve(NO_SIGN_UP).config()["account"] == {"allow_deletion": False, "allow_signup": False}
    assert serve(DELETION).config()["account"] == {"allow_deletion": True, "allow_signup": True}


@shows("account.allow_signup", "false", "all other requests of the probe")
def test_users_who_are_there_notice_nothing(serve: Serve, alice: Person) -> None:
    caller = serve(NO_SIGN_UP)
    assert caller.post("/user", {"email": alice.address}).json["id"] == str(alice.user_id)
    assert caller.log_in_by_passcode(alice).status_code == 200
    assert caller.set_password(alice, PASSWORD).status_code == 201
    assert caller.log_in_by_password(alice).status_code == 200
    assert caller.post("/emails", {"address": "second@example.test"}, by=alice).status_code == 200


@shows("account.allow_deletion", "false (default)")
@pytest.mark.parametrize("has_session", [True, False])
def test_nobody_is_deleted_by_default(base: Caller, alice: Person, has_session: bool) -> None:
    response = base.call("DELETE", "/user", by=alice if has_session else None)
    assert seen(response) == NOT_FOUND
    assert base.get("/me", by=alice).status_code == 200


@shows("account.allow_deletion", "true", "DELETE /user, no session")
def test_deletion_needs_a_session(serve: Serve) -> None:
    assert seen(serve(DELETION).call("DELETE", "/user")) == refusal(401, "Unauthorized")


@shows("account.allow_deletion", "true", "DELETE /user, session")
def test_a_user_who_is_deleted_leaves_nothing(serve: Serve) -> None:
    caller = serve(DELETION)
    alice = caller.person(password=True)
    with caller.services.database.connection():
        make_username(user=alice.user_id)
    response = caller.call("DELETE", "/user", by=alice)
    assert (response.status_code, response.data) == (204, b"")
    assert attributes_of(response)["Max-Age"] == "0"
    with caller.services.database.connection():
        for table in (Email, Session, PasswordCredential, Username):
            assert table.select().where(table.user == alice.user_id).count() == 0
    assert caller.get("/me", by=alice).status_code == 401
