"""The services of the Node SDK: users, identifiers, sessions."""

import time

import pytest

from tests.sdks.node_process import NodeError
from tests.sdks.site import address

HOUR = 3600  # seconds


@pytest.fixture
def user(node):
    return node.serve("users", "createActiveByName", "Jane Doe")


def refused(node, service, method, *args):
    with pytest.raises(NodeError) as caught:
        node.serve(service, method, *args)
    return caught.value


def server_error(node, service, method, *args):
    """Status, type and problems of a `ServerError`."""
    error = refused(node, service, method, *args)
    assert (error.kind, error.requestID[:4]) == ("ServerError", "req-")
    assert error.runtime >= 0
    return error.status, error.type, error.validation


def test_users(node):
    made = node.serve("users", "create", {"status": "pending", "fullName": "Jané Doe"})
    assert (made["fullName"], made["status"]) == ("Jané Doe", "pending")
    assert node.serve("users", "get", made["userID"]) == made
    assert node.serve("users", "delete", made["userID"])["httpStatusCode"] == 200
    for method in ("get", "delete"):
        error = server_error(node, "users", method, made["userID"])
        assert error == (400, "validation_error", ["userID: does not exist"])


def test_an_active_user_by_name(node, user):
    assert (user["fullName"], user["status"]) == ("Jane Doe", "active")


def test_identifiers(node, user):
    user_id, value = user["userID"], address()
    body = {"identifierType": "email", "identifierValue": value, "status": "primary"}
    made = node.serve("identifiers", "create", user_id, body)
    assert (made["value"], made["type"], made["status"]) == (value, "email", "primary")
    pending = node.serve("identifiers", "updateStatus", user_id, made["identifierID"], "pending")
    assert pending == made | {"status": "pending"}
    verified = node.serve(
        "identifiers", "updateIdentifier", user_id, made["identifierID"], {"status": "verified"}
    )
    assert verified == made | {"status": "verified"}
    for call in (
        ("identifiers", "listByUserId", user_id),
        ("identifiers", "listByUserIdAndType", user_id, "email"),
        ("identifiers", "listByValueAndType", value, "email"),
        ("identifiers", "list", [f"identifierValue:eq:{value}"], "identifierValue:desc", 1, 100),
    ):
        found = node.serve(*call)
        assert found["identifiers"] == [verified]
        assert found["paging"] == {"page": 1, "totalPages": 1, "totalItems": 1}
    assert node.serve("identifiers", "listByUserIdAndType", user_id, "phone")["paging"]["totalItems"] == 0
    assert node.serve("identifiers", "delete", user_id, made["identifierID"])["message"] == "OK"
    error = server_error(node, "identifiers", "delete", user_id, made["identifierID"])
    assert error == (400, "validation_error", ["identifierID: does not exist"])


def test_all_problems_of_a_body_come_together(node, user):
    status, type_, problems = server_error(node, "identifiers", "create", user["userID"], {})
    assert (status, type_) == (400, "validation_error")
    assert set(problems) == {
        "identifierType: cannot be blank",
        "identifierValue: cannot be blank",
        "status: cannot be blank",
    }


def test_a_value_that_is_taken(node, user):
    body = {"identifierType": "email", "identifierValue": address(), "status": "verified"}
    node.serve("identifiers", "create", user["userID"], body)
    assert server_error(node, "identifiers", "create", user["userID"], body) == (
        409,
        "already_exists",
        ["identifierValue: already exists"],
    )


def test_wrong_credentials(open_node):
    node = open_node(CORBADO_API_SECRET="corbado1_wrong")
    assert server_error(node, "users", "get", "usr-1") == (401, "login_error", [])


def test_what_the_sdk_refuses_itself(node):
    error = refused(node, "users", "get", "")
    assert (error.kind, error.status) == ("BaseError", 1003)


def test_a_session(node, site, user):
    value = address()
    body = {"identifierType": "email", "identifierValue": value, "status": "primary"}
    node.serve("identifiers", "create", user["userID"], body)
    browser = site.log_in(value)

    seen = node.serve("sessions", "validateToken", browser.token)

    assert seen == {"userId": user["userID"], "fullName": "Jane Doe"}


@pytest.mark.parametrize(
    ("token", "name"),
    [
        (lambda site: "short", "INVALID_SHORT_SESSION"),
        (lambda site: site.sign(exp=int(time.time()) - HOUR), "JWT_EXPIRED"),
        (lambda site: site.sign(nbf=int(time.time()) + HOUR), "CLAIM_VALIDATION_FAILED"),
        (lambda site: site.sign()[:-8] + "AAAAAAAA", "JWT_INVALID"),
        (lambda site: site.sign(iss=None), "EMPTY_ISSUER"),
        (lambda site: site.sign(iss=f"{site.frontend_api}/"), "INVALID_ISSUER"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_tokens_that_are_refused(node, site, token, name):
    error = refused(node, "sessions", "validateToken", token(site))
    assert (error.kind, error.name) == ("ValidationError", name)
