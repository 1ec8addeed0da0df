"""What the OpenAPI document says of the backend door as a whole; operations come from its views."""

from typing import Any
from uuid import UUID

from flask import Flask
from marshmallow import Schema, fields

from hanko_compat import __version__, public_ids
from hanko_compat.backend.fields import Answer, Id, Milliseconds, Moment, Seconds
from hanko_compat.backend.glossary import GLOSSARY
from hanko_compat.backend.paging import DEFAULT_SIZE, FURTHEST, MOST
from hanko_compat.backend.schemas import GenericRsp
from hanko_compat.config import Config
from hanko_compat.web.doors import BACKEND
from hanko_compat.web.openapi import Door, describe

INTRODUCTION = """\
The API that your servers use: users, login identifiers, passkeys and sessions of the people who sign up and
log in at the public door.

Every request carries the project ID and an API secret by HTTP Basic (RFC 7617). Success is always 200. An
error is an envelope whose ``error.validation`` names the members that are wrong; a thing that does not exist
is such an error, too.

IDs are a prefix and a number; a UUID is taken wherever an ID is. Times are UTC without a zone, or
milliseconds since 1970. Members that are not listed here are ignored."""

EXAMPLE = UUID(int=1234567890)

ERRORS = {
    400: "The body is not valid JSON, a member or parameter does not fit, or something does not exist.",
    401: "No project ID and API secret, wrong ones, or another project in ``X-Corbado-ProjectID``.",
    404: "There is no API secret, and so no door; or the configuration switches this off.",
    409: "The value is somebody else's.",
    413: "The body is too large.",
    415: "The body is not declared as JSON, or it is compressed.",
    429: "Too often in too short a time; try again after the seconds in ``Retry-After``.",
    500: "A fault of the server; its log has the cause under the ``requestID``.",
    503: "The database does not answer; try again after the seconds in ``Retry-After``.",
}

HEADERS: dict[str, dict[str, Any]] = {
    "Retry-After": {
        "description": "How many seconds to wait before the next attempt.",
        "schema": {"type": "integer"},
        "example": 1,
    },
}

PARAMETERS: dict[str, dict[str, Any]] = {
    "sort": {
        "description": "A column, alone or with ``:asc`` or ``:desc``; by default the oldest come first.",
        "schema": {"type": "string"},
    },
    "filter[]": {
        "description": "``column:operator:value`` with ``eq``, ``gt`` or ``lt``; all of them must hold.",
        "schema": {"type": "array", "items": {"type": "string"}},
        "style": "form",
        "explode": True,
    },
    "page": {
        "description": "Which page.",
        "schema": {"type": "integer", "minimum": 1, "maximum": FURTHEST, "default": 1},
    },
    "pageSize": {
        "description": "How many items a page has.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_SIZE},
    },
}

OPTIONAL = {
    "User": frozenset({"fullName", "explicitWebauthnID"}),
    "UserAggregate": frozenset({"fullName", "explicitWebauthnID"}),
    "PasskeyEvent": frozenset({"clientEnvID", "processID", "credentialID", "expires"}),
    "ConnectToken": frozenset({"secret"}),
    "ConnectTokenData": frozenset({"displayName"}),
    "DecisionInsights": frozenset({"preferImmediatelyAvailable"}),
    "PasskeyLoginFinishRsp": frozenset({"signedPasskeyData"}),
    "PasskeyMediationFinishRsp": frozenset({"signedPasskeyData", "error"}),
}
"""The members of answers that may be absent; all others are there."""

KINDS = {Id: "string", Moment: "string", Milliseconds: "integer", Seconds: "integer"}
ALIASES = frozenset({f"{BACKEND}/passkeys/verifySignedData"})


class FieldError(Schema):
    """What is wrong with one member."""

    field = fields.String(required=True, metadata={"description": "Which member or parameter."})
    message = fields.String(required=True, metadata={"description": "What is wrong with it."})


class ErrorDetails(Schema):
    """What went wrong."""

    type = fields.String(required=True, metadata={"description": "The kind of error, for programs."})
    validation = fields.List(
        fields.Nested(FieldError), metadata={"description": "Absent where no member is to blame."}
    )
    links = fields.List(fields.String(), metadata={"description": "Always empty."})


class ErrorRsp(GenericRsp):
    """The shape of every error at this door."""

    error = fields.Nested(ErrorDetails, required=True)


def document(app: Flask, config: Config) -> dict[str, Any]:
    """Make the OpenAPI 3.1 document of the backend door as *app* serves it."""
    door = Door(
        blueprint="backend",
        title="Backend API",
        introduction=INTRODUCTION,
        error_schema=ErrorRsp,
        errors=ERRORS,
        headers=HEADERS,
        security_schemes={"BasicAuth": {"type": "http", "scheme": "basic"}},
        glossary=GLOSSARY,
        usual_errors=frozenset({401, 404, 500, 503}),
        errors_of_changes=frozenset(),
        is_secured=True,
        prefix=BACKEND,
        arguments={name: _argument(name, field) for name, field in public_ids.FIELDS.items()},
        parameters=PARAMETERS,
        kinds=KINDS,
        aliases=ALIASES,
        whole=(Answer,),
        optional=OPTIONAL,
    )
    return describe(app, door, version=__version__, server_url=_server_url(config))


def _argument(name: str, field: str) -> dict[str, Any]:
    return {"name": field, "schema": {"type": "string"}, "example": public_ids.encode(name, EXAMPLE)}


def _server_url(config: Config) -> str:
    """Where the door is, as far as the configuration tells: a bound address need not be what servers call."""
    settings = config.hanko_compat
    return BACKEND if settings.backend_api.bind else f"{settings.public_url or ''}{BACKEND}"
