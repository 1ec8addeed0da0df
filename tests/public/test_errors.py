import pytest
from marshmallow import ValidationError
from werkzeug.exceptions import BadRequest, InternalServerError, MethodNotAllowed, NotFound

from hanko_compat import errors
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.errors.emails import AddressInvalid, AddressTooLong, EmailAlreadyTaken
from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.errors.users import DeletionDisabled, ForeignAccount, SignUpDisabled, UserNotFound
from hanko_compat.public.errors import render_error, render_http_exception, render_validation_error, status_of


def leaves(cls):
    below = [leaf for child in cls.__subclasses__() for leaf in leaves(child)]
    return below or [cls]


@pytest.fixture(autouse=True)
def context(app):
    """Answers are made for a request."""
    with app.test_request_context():
        yield


@pytest.mark.parametrize("error", leaves(errors.HankoCompatError), ids=lambda cls: cls.__name__)
def test_every_error_has_a_status(error):
    assert 400 <= status_of(error) < 600


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (SessionInvalid(), 401, "Unauthorized"),
        (SignUpDisabled(), 403, "Forbidden"),
        (ForeignAccount(), 403, "Forbidden"),
        (DeletionDisabled(), 404, "Not Found"),
        (UserNotFound(), 404, "Not Found"),
        (EmailAlreadyTaken(), 409, "Conflict"),
        (AddressInvalid(), 400, "email must be a valid email address"),
        (AddressTooLong(max_length=9), 400, "email must be a maximum of 9 characters in length"),
        (DatabaseUnavailable(retry_after=3), 503, "Service Unavailable"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_looks_like_the_originals(error, status, message):
    response = render_error(error)
    assert (response.status_code, response.json) == (status, {"code": status, "message": message})
    assert response.headers.get("Retry-After") == ("3" if status == 503 else None)


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (NotFound(), 404, "Not Found"),
        (InternalServerError(), 500, "Internal Server Error"),
        (BadRequest(), 400, "Bad Request"),
        (BadRequest("the body is not valid JSON"), 400, "the body is not valid JSON"),
        (MethodNotAllowed(["GET", "POST"]), 405, "Method Not Allowed"),
    ],
)
def test_what_flask_refuses_looks_the_same(error, status, message):
    response = render_http_exception(error)
    assert (response.status_code, response.json) == (status, {"code": status, "message": message})
    assert response.headers.get("Allow") == ("GET, POST" if status == 405 else None)


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        (["first", "second"], "first"),
        ({"email": ["first", "second"]}, "first"),
        ({"a": {"0": ["first"]}, "b": ["second"]}, "first and second"),
    ],
)
def test_of_each_member_the_first_mistake_is_told(messages, told):
    assert render_validation_error(ValidationError(messages)).json == {"code": 400, "message": told}


def test_a_fault_of_ours_tells_nothing_about_it(make_app):
    app = make_app()
    app.add_url_rule("/faulty", view_func=lambda: {"secret": 1 / 0})
    response = app.test_client().get("/faulty")
    assert (response.status_code, response.json) == (500, {"code": 500, "message": "Internal Server Error"})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("POST", "/nowhere", 404), ("GET", "/users", 405), ("PUT", "/me", 405)],
)
def test_unknown_paths_and_methods_are_answered_in_json(client, method, path, status):
    response = client.open(path, method=method)
    assert (response.status_code, response.json["code"]) == (status, status)
