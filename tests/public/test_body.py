"""Bodies of the public door."""

import pytest
from flask import Flask, abort, jsonify
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import HTTPException

from hanko_compat.public.body import body
from hanko_compat.public.errors import render_http_exception, render_validation_error
from hanko_compat.public.fields import required_string


class Named(Schema):
    name = required_string("name is a required field")
    title = required_string("title is a required field")


REQUIRED = "name is a required field and title is a required field"
BOTH = b'{"name": "Alice", "title": "Dr"}'


@pytest.fixture
def client():
    """Answers with what the view was given; at /full nothing more is wanted."""
    app = Flask(__name__)

    def has_room(place):
        if place == "full":
            abort(409)

    @app.post("/<place>")
    @body(Named, then=has_room)
    def echo(place, data):
        return jsonify(place=place, data=data)

    app.register_error_handler(ValidationError, render_validation_error)
    app.register_error_handler(HTTPException, render_http_exception)
    return app.test_client()


def post(client, data, path="/here", content_type="application/json"):
    answer = client.post(path, data=data, content_type=content_type)
    return answer.status_code, answer.json.get("message") or answer.json["data"]


@pytest.mark.parametrize(
    "data", [BOTH, b'{"NAME": "Alice", "Title": "Dr", "other": "\\u0000"}', b" " + BOTH + b"\n"]
)
def test_the_view_gets_the_members_by_their_names(client, data):
    assert post(client, data) == (200, {"name": "Alice", "title": "Dr"})


@pytest.mark.parametrize(
    "data", [b"", b"null", b" null ", b"{}", b'{"name": null}', b'{"name": "", "title": ""}']
)
def test_what_is_missing_is_told_of_all_members_together(client, data):
    assert post(client, data) == (400, REQUIRED)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        *((b" ", "EOF"), (b"\n\t", "EOF"), (b"{", "unexpected EOF"), (b'{"name": "Al', "unexpected EOF")),
        *((b"[1", "unexpected EOF"), (b"nul", "unexpected EOF"), (b'{"name"', "unexpected EOF")),
        *((b"[]", "Unmarshal type error: expected=object, got=array, field=, offset=1"),),
        *((b'{"name": 1}', "Unmarshal type error: expected=string, got=number, field=name, offset=10"),),
        *((b'{"name": "a", "Name": "b"}', "a name is given twice in one object"),),
        *((b"hello", "the body is not valid JSON"), (BOTH + b" x", "the body is not valid JSON")),
        *((b'{"name": "\\ud800", "title": "Dr"}', "a string holds a character that can't be stored"),),
        *((b'{"name": "\\u0000", "title": "Dr"}', "a string holds a character that can't be stored"),),
    ],
)
def test_what_is_wrong_with_a_body_is_told(client, data, message):
    assert post(client, data) == (400, message)


def test_a_body_of_another_type_is_told_so_in_the_words_of_the_status(client):
    for content_type in ("text/plain", None, "application/x-www-form-urlencoded"):
        assert post(client, BOTH, content_type=content_type) == (415, "Unsupported Media Type")


@pytest.mark.parametrize(
    ("data", "status"),
    [(BOTH, 409), (b"{}", 409), (b"", 409), (b"null", 409), (b"{", 400), (b"[]", 400), (b'{"name": 1}', 400)],
)
def test_the_check_comes_between_syntax_and_members(client, data, status):
    assert post(client, data, "/full")[0] == status
    assert post(client, BOTH, "/full", "text/plain")[0] == 415
