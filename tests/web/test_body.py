"""Bodies of requests."""

import gzip
import json

import pytest
from flask import Flask, jsonify
from marshmallow import Schema, ValidationError, fields

from hanko_compat.web.body import MAX_BODY, READ_LIMIT, annotate, body, returns


class Named(Schema):
    name = fields.String(required=True, error_messages={"required": "name is a required field"})


@pytest.fixture
def client():
    """Answers with what the view was given, or with what is wrong."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = READ_LIMIT

    @app.post("/<place>")
    @body(Named)
    def echo(place, data):
        return jsonify(place=place, data=data)

    app.register_error_handler(ValidationError, lambda error: (jsonify(error.messages), 422))
    return app.test_client()


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.api+json"],
)
def test_a_json_object_reaches_the_view(client, content_type):
    response = client.post("/here", data='{"name": "Alice", "extra": 1}', content_type=content_type)
    assert response.json == {"place": "here", "data": {"name": "Alice"}}


@pytest.mark.parametrize("content_type", [None, "", "application/json", "text/plain", "application/xml"])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_an_empty_body_of_any_type_is_an_empty_object(client, content_type, encoding):
    response = client.post("/here", content_type=content_type, headers={"Content-Encoding": encoding})
    assert (response.status_code, response.json) == (422, {"name": ["name is a required field"]})


@pytest.mark.parametrize(
    "content_type",
    [
        *(None, "", "text/plain", "text/json", "application/jsonp", "application/xml", "*/*", "json"),
        *(
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "text/plain, application/json",
        ),
    ],
)
def test_what_is_not_declared_as_json_is_not_read_as_json(client, content_type):
    response = client.post("/here", data='{"name": "Alice"}', content_type=content_type)
    assert response.status_code == 415


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, identity", "zstd"])
def test_compressed_bodies_are_not_unpacked(client, encoding):
    data = gzip.compress(b'{"name": "Alice"}')
    headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
    assert client.post("/here", data=data, headers=headers).status_code == 415


@pytest.mark.parametrize(
    "data", [b"{", b"[]", b'{"name": "a", "name": "b"}', b"\xff", b'{"name": "\\u0000"}']
)
def test_what_is_no_proper_object_is_refused(client, data):
    assert client.post("/here", data=data, content_type="application/json").status_code == 400


@pytest.mark.parametrize(("excess", "status"), [(0, 200), (1, 413)])
def test_the_limit_is_exact(client, excess, status):
    data = json.dumps({"name": "x"}).ljust(MAX_BODY + excess)
    assert client.post("/here", data=data, content_type="application/json").status_code == status


def test_the_limit_holds_without_a_content_length(client):
    def post(data):
        environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
        return client.post("/here", data=data, content_type="application/json", environ_overrides=environ)

    assert post(b'{"name": "Alice"}').json["data"] == {"name": "Alice"}
    for excess, status in ((0, 200), (1, 413), (2, 413), (10_000_000, 413)):
        assert post(b'{"name": "Alice"}'.ljust(MAX_BODY + excess)).status_code == status


def test_a_body_that_is_shorter_than_declared_is_refused(client):
    environ = {"CONTENT_LENGTH": "100"}
    response = client.post(
        "/here", data=b'{"name": "Alice"}', content_type="application/json", environ_overrides=environ
    )
    assert response.status_code == 400


def test_decorators_leave_notes_for_the_documents():
    @returns(Named, headers=("X-One",), errors=(409,))
    @returns("text/html", status=500, errors=(404,))
    @body(Named)
    def view(data):
        """Do something."""

    assert vars(view)["__openapi__"] == {
        "body": Named,
        "responses": {200: Named, 500: "text/html"},
        "headers": ("X-One",),
        "errors": (409, 404),
    }
    assert view.__doc__ == "Do something."


def test_notes_of_a_wrapper_do_not_reach_the_wrapped_view():
    @returns(None, status=204)
    def view(data):
        return data

    wrapped = body(Named)(view)
    annotate(wrapped, session=True)
    assert vars(view)["__openapi__"] == {"responses": {204: None}, "headers": (), "errors": ()}
