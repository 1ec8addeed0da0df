from dataclasses import replace

import pytest
from flask import Blueprint, Flask
from marshmallow import INCLUDE, Schema, fields
from openapi_spec_validator import OpenAPIV31SpecValidator

from hanko_compat.web.body import annotate, body, returns
from hanko_compat.web.openapi import Door, describe, read_docstring


class Paint(Schema):
    """Something to put on walls."""

    name = fields.String(required=True, metadata={"description": "What it is called."})
    price = fields.Integer(allow_none=True)


class Bucket(Schema):
    id = fields.UUID(required=True)
    paints = fields.List(fields.Nested(Paint))

    class Meta:
        unknown = INCLUDE


class Error(Schema):
    code = fields.Integer(required=True)


DOOR = Door(
    blueprint="shop",
    title="Shop",
    introduction="Sells paint.",
    error_schema=Error,
    errors={
        400: "bad",
        401: "who?",
        403: "no",
        409: "gone",
        413: "big",
        415: "what?",
        500: "oh",
        503: "later",
    },
    headers={
        "X-Batch": {"description": "Of the paint.", "schema": {"type": "integer"}},
        "Retry-After": {"description": "In seconds.", "schema": {"type": "integer"}},
    },
    security_schemes={"Card": {"type": "http", "scheme": "bearer"}},
    glossary={
        "name": "Not used: the field has words of its own.",
        "price": "In cents.",
        "Bucket.id": "Its number.",
    },
)


@pytest.fixture(scope="module")
def document():
    bp = Blueprint("shop", __name__)

    @bp.get("/")
    @returns("text/html")
    def status():
        """Show a page."""

    @bp.post("/buckets/<uuid:bucket_id>/paints")
    @body(Paint)
    @returns(Bucket, status=201, headers=("X-Batch",), errors=(409,))
    def add_paint(bucket_id, data):
        """Fill a bucket (operationId pourPaint).

        It holds ``ten``
        paints.

        And no more.

        Raises:
            Overflow: never.
        """

    @bp.delete("/buckets/<name>")
    @returns(None, status=204)
    def drop_bucket(name):
        """Drop a bucket."""

    @bp.get("/secret")
    def unannotated():
        """Stay out of the document."""

    annotate(drop_bucket, session=True)
    app = Flask(__name__)
    app.register_blueprint(bp)
    app.add_url_rule("/elsewhere", view_func=status, endpoint="status")
    return describe(app, DOOR, version="7", server_url="https://shop.example")


def test_document_is_valid(document):
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert document["openapi"] == "3.1.0"
    assert document["info"]["title"] == "Shop"
    assert document["info"]["version"] == "7"
    assert document["servers"] == [{"url": "https://shop.example"}]


def test_only_the_doors_own_annotated_routes_are_described(document):
    assert list(document["paths"]) == ["/", "/buckets/{bucket_id}/paints", "/buckets/{name}"]


def test_docstring_gives_the_words(document):
    operation = document["paths"]["/buckets/{bucket_id}/paints"]["post"]
    assert operation["operationId"] == "pourPaint"
    assert operation["summary"] == "Fill a bucket."
    assert operation["description"] == "It holds ``ten`` paints.\n\nAnd no more."


def test_operation_id_is_the_views_name_unless_the_docstring_says_otherwise(document):
    assert document["paths"]["/buckets/{name}"]["delete"]["operationId"] == "dropBucket"
    assert read_docstring(test_document_is_valid) == ("", "", "testDocumentIsValid")


def test_body_brings_its_schema_and_its_errors(document):
    operation = document["paths"]["/buckets/{bucket_id}/paints"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Paint"}
    assert set(operation["responses"]) == {"201", "400", "403", "409", "413", "415", "500", "503"}
    assert operation["responses"]["409"] == {"$ref": "#/components/responses/Conflict"}


def test_session_brings_the_security_schemes_and_401(document):
    operation = document["paths"]["/buckets/{name}"]["delete"]
    assert operation["security"] == [{"Card": []}]
    assert set(operation["responses"]) == {"204", "401", "403", "500", "503"}
    assert "content" not in operation["responses"]["204"]


def test_safe_methods_are_not_refused_for_their_origin(document):
    assert set(document["paths"]["/"]["get"]["responses"]) == {"200", "500", "503"}
    assert document["paths"]["/"]["get"]["responses"]["200"]["content"] == {
        "text/html": {"schema": {"type": "string"}}
    }


def test_headers_belong_to_the_success(document):
    responses = document["paths"]["/buckets/{bucket_id}/paints"]["post"]["responses"]
    assert responses["201"]["headers"] == {"X-Batch": {"$ref": "#/components/headers/X-Batch"}}


def test_callers_are_told_when_to_try_again(document):
    responses = document["components"]["responses"]
    assert set(responses["ServiceUnavailable"]["headers"]) == {"Retry-After"}
    assert "headers" not in responses["Conflict"]


def test_path_arguments_are_parameters(document):
    parameters = document["paths"]["/buckets/{bucket_id}/paints"]["parameters"]
    assert parameters == [
        {"name": "bucket_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    ]
    assert document["paths"]["/buckets/{name}"]["parameters"][0]["schema"] == {"type": "string"}


def test_schemas_become_json_schema(document):
    schemas = document["components"]["schemas"]
    assert schemas["Paint"] == {
        "type": "object",
        "description": "Something to put on walls.",
        "properties": {
            "name": {"type": "string", "description": "What it is called."},
            "price": {"type": ["integer", "null"], "description": "In cents."},
        },
        "required": ["name"],
    }


def test_glossary_explains_what_has_no_words_of_its_own(document):
    bucket = document["components"]["schemas"]["Bucket"]["properties"]
    assert bucket["id"] == {"type": "string", "format": "uuid", "description": "Its number."}
    assert bucket["paints"] == {"type": "array", "items": {"$ref": "#/components/schemas/Paint"}}


def test_more_members_are_allowed_where_they_do_no_harm(document):
    schemas = document["components"]["schemas"]
    assert schemas["Error"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["Paint"]  # as a body: the rest is ignored
    assert schemas["Bucket"]["additionalProperties"] is True


def test_tags_are_the_modules(document):
    assert document["tags"] == [{"name": "Test openapi", "description": ""}]


class Price(fields.Field[int]):
    """An amount with its currency in front."""


class Tag(Schema):
    price = Price()
    note = fields.String()


STAFF_DOOR = replace(
    DOOR,
    blueprint="staff",
    usual_errors=frozenset({401, 500}),
    errors_of_changes=frozenset(),
    is_secured=True,
    prefix="/staff",
    arguments={"bucket_id": {"name": "bucketID", "schema": {"type": "string"}, "example": "b-1"}},
    parameters={"page": {"description": "Which.", "schema": {"type": "integer"}}},
    kinds={Price: "string"},
    aliases=frozenset({"/staff/b/<bucket_id>"}),
    whole=(Tag,),
    optional={"Tag": frozenset({"note"})},
)


@pytest.fixture(scope="module")
def staff_document():
    bp = Blueprint("staff", __name__, url_prefix="/staff")

    @bp.delete("/b/<bucket_id>")
    @bp.delete("/buckets/<bucket_id>")
    @returns(Tag)
    def drop(bucket_id):
        """Drop a bucket."""

    @bp.get("/tags")
    @returns(Tag)
    def tags():
        """List tags."""

    annotate(tags, parameters=("page",))
    app = Flask(__name__)
    app.register_blueprint(bp)
    return describe(app, STAFF_DOOR, version="7", server_url="/staff")


def test_paths_stand_below_the_doors_own_and_name_arguments_its_way(staff_document):
    assert list(OpenAPIV31SpecValidator(staff_document).iter_errors()) == []
    assert staff_document["paths"].keys() == {"/buckets/{bucketID}", "/tags"}
    assert staff_document["paths"]["/buckets/{bucketID}"]["parameters"] == [
        {"name": "bucketID", "in": "path", "required": True, "schema": {"type": "string"}, "example": "b-1"}
    ]


def test_parameters_of_the_query_bring_400(staff_document):
    operation = staff_document["paths"]["/tags"]["get"]
    assert operation["parameters"] == [
        {"name": "page", "in": "query", "description": "Which.", "schema": {"type": "integer"}}
    ]
    assert set(operation["responses"]) == {"200", "400", "401", "500"}


def test_errors_are_the_doors_own(staff_document):
    operation = staff_document["paths"]["/buckets/{bucketID}"]["delete"]
    assert set(operation["responses"]) == {"200", "401", "500"}


def test_a_secured_door_needs_credentials_everywhere(staff_document):
    assert staff_document["security"] == [{"Card": []}]


def test_kinds_of_fields_and_members_that_are_always_there(staff_document):
    assert staff_document["components"]["schemas"]["Tag"] == {
        "type": "object",
        "description": "",
        "properties": {"price": {"type": "string", "description": "In cents."}, "note": {"type": "string"}},
        "required": ["price"],
        "additionalProperties": False,
    }
