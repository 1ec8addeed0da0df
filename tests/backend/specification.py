"""The published description of the API: every answer has to fit its schema there, with exact types."""

from functools import cache
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4
from werkzeug.test import TestResponse

from tests.documents import read

FOLDER = Path(__file__).parents[1] / "data" / "corbado"
FILES = ("backend_api_public_v2.yml", "common.yml")
PREFIX = "/v2"


@cache
def documents() -> dict[str, Any]:
    """Both files, by name."""
    found = {name: read(FOLDER / name) for name in FILES}
    schemas = found[FILES[0]]["components"]["schemas"]
    # Three of its four alternatives are the same, so nothing fits exactly one of them.
    token_data = schemas["connectTokenData"]
    token_data["anyOf"] = token_data.pop("oneOf")
    # Has to be there, and only ``decisionInsights`` says what it is.
    assert "isCDACandidate" in schemas["detectionInsights"]["required"]
    schemas["detectionInsights"]["properties"]["isCDACandidate"] = {"type": "boolean"}
    return found


@cache
def operations() -> dict[str, Any]:
    """Every operation by name: ``GET /users/{userID}``."""
    return {
        f"{method.upper()} {path}": operation
        for path, item in documents()[FILES[0]]["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict) and "operationId" in operation
    }


def template(method: str, path: str) -> str:
    """The operation that a request asks for.

    Raises:
        LookupError: there is none.
    """
    parts = path.removeprefix(PREFIX).split("/")
    fits = []
    for name in operations():
        wanted_method, _, wanted = name.partition(" ")
        pattern = wanted.split("/")
        is_like = len(pattern) == len(parts) and all(
            each.startswith("{") or each == part for each, part in zip(pattern, parts, strict=True)
        )
        if wanted_method == method and is_like:
            fits.append((wanted.count("{"), name))
    if not fits:
        raise LookupError(f"{method} {path}")
    return min(fits)[1]


def check(response: TestResponse) -> None:
    """Fail unless the answer fits the schema of what was asked for."""
    assert response.mimetype == "application/json"
    body = response.json
    assert not _has_null(body)
    if response.status_code == 200:
        operation = operations()[template(response.request.method, response.request.path)]
        assert errors_of(answer_schema(operation["responses"]["200"]), body) == []
    else:
        reference = {"$ref": "common.yml#/components/schemas/errorRsp"}
        assert errors_of(reference, body) == []
        assert body["httpStatusCode"] == response.status_code
        # Optional in the description, and required once: old clients go through them unasked.
        assert body["error"]["links"] == []
        assert body["requestData"]["link"] == ""


def _has_null(value: Any) -> bool:
    """Whether there is a null somewhere: members that are not set are left out."""
    if isinstance(value, dict):
        value = list(value.values())
    return any(map(_has_null, value)) if isinstance(value, list) else value is None


def answer_schema(answer: Any) -> Any:
    """The schema of an answer, which may be described elsewhere."""
    if "$ref" in answer:
        answer = documents()[FILES[0]]["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return answer["content"]["application/json"]["schema"]


def errors_of(schema: Any, value: Any) -> list[str]:
    """What is wrong with *value*; references start from the first of the files."""
    validator = OAS30Validator(_absolute(schema), registry=_registry())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def _absolute(schema: Any) -> Any:
    """The *schema* with references that don't depend on where it stands."""
    if isinstance(schema, list):
        return [_absolute(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if str(schema.get("$ref", "")).startswith("#"):
        return {"$ref": f"{FILES[0]}{schema['$ref']}"}
    return {name: _absolute(member) for name, member in schema.items()}


@cache
def _registry() -> Registry[Any]:
    return Registry().with_resources(
        (name, Resource(contents=document, specification=DRAFT4)) for name, document in documents().items()
    )
