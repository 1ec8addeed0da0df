"""What the OpenAPI document says of the public door as a whole; operations come from its views."""

from typing import Any

from flask import Flask
from marshmallow import Schema, fields

from hanko_compat import __version__
from hanko_compat.config import Config
from hanko_compat.public.glossary import GLOSSARY
from hanko_compat.web.openapi import Door, describe

INTRODUCTION = """\
The API that browsers use: sign-up, log-in by passkey, passcode and password, one-time tokens of log-ins at
other providers, addresses, sessions, signing keys.

A session is a JSON Web Token (RFC 7519). Send it in the session cookie or as a bearer token. Verify it with
the keys at ``/.well-known/jwks.json`` (RFC 7517), chosen by the token's ``kid``.

Request bodies are JSON and declared as such. Members that are not listed here are ignored. Times are RFC 3339
in UTC. Every answer carries ``X-Request-Id``. An error is ``{"code", "message"}``; its code is the status."""

ERRORS = {
    400: "The body is not valid JSON, or a field is missing or malformed; the message names it.",
    401: "No session: no token, or one that is forged, expired or revoked.",
    403: "Off in the configuration, somebody else's account, a second factor is needed, or a foreign Origin "
    "together with a cookie.",
    404: "There is no such thing, or the configuration switches it off.",
    408: "The passcode is too old; ask for another one.",
    409: "Taken by somebody else, or in use, or there are as many as are allowed.",
    410: "The passcode was tried too often; ask for another one.",
    413: "The body is too large.",
    415: "The body is not declared as JSON, or it is compressed.",
    422: "The authenticator did not verify its user, as ``passkey.user_verification`` requires; or the "
    "one-time token is too old.",
    429: "Too often in too short a time; try again after the seconds in ``Retry-After``.",
    500: "A fault of the server; its log has the cause under the ``X-Request-Id``.",
    503: "The database does not answer, or too many log-ins wait; try again after the seconds in "
    "``Retry-After``.",
}

HEADERS: dict[str, dict[str, Any]] = {
    "Set-Cookie": {
        "description": "The session cookie with the attributes of ``session.cookie``, or its removal. "
        "At sign-up also ``hanko_email_id``; at a log-in, with a new password and with a new primary address "
        "also ``hanko_compat_device``, where limits are on. Of a log-in with a provider it is "
        "``hanko_thirdparty_state``, for five minutes.",
        "schema": {"type": "string"},
        "example": "hanko=<JWT>; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict",
    },
    "X-Session-Lifetime": {
        "description": "Seconds until the session expires. Present when one was started.",
        "schema": {"type": "integer"},
        "example": 43200,
    },
    "X-Auth-Token": {
        "description": "The session token, for clients that can't use cookies. "
        "Only with ``session.enable_auth_token_header``.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "How many seconds to wait before the next attempt.",
        "schema": {"type": "integer"},
        "example": 1,
    },
    "X-RateLimit-Limit": {
        "description": "How many such requests each window of time has. "
        "Only with ``rate_limiter.enabled``, as the next two.",
        "schema": {"type": "integer"},
        "example": 5,
    },
    "X-RateLimit-Remaining": {
        "description": "How many of them are left.",
        "schema": {"type": "integer"},
        "example": 4,
    },
    "X-RateLimit-Reset": {
        "description": "Seconds until the window ends and all are there again.",
        "schema": {"type": "integer"},
        "example": 60,
    },
    "Location": {
        "description": "Where the browser goes on: to the provider, and from there to ``redirect_to``, with "
        "a one-time token as ``hanko_token`` for POST /token. What went wrong is in the query as ``error`` "
        "and ``error_description`` (RFC 6749 s. 4.1.2.1).",
        "schema": {"type": "string"},
        "example": "https://example.com/done?hanko_token=<token>",
    },
    "Content-Disposition": {
        "description": "The name of the file.",
        "schema": {"type": "string"},
        "example": "attachment; filename=Example-metadata.xml",
    },
    "Cache-Control": {
        "description": "How long the answer may be kept.",
        "schema": {"type": "string"},
        "example": "max-age=600",
    },
}

PARAMETERS: dict[str, dict[str, Any]] = {
    "provider": {
        "description": "The name of a provider: ``google``, or ``custom_`` and the name of a custom one.",
        "required": True,
        "schema": {"type": "string"},
    },
    "redirect_to": {
        "description": "Where the log-in is to end: a URL that the configuration allows.",
        "required": True,
        "schema": {"type": "string", "format": "uri"},
    },
    "state": {
        "description": "The state with which the browser was sent to the provider.",
        "required": True,
        "schema": {"type": "string"},
    },
    "code": {
        "description": "What the provider tells us for who has logged in.",
        "schema": {"type": "string"},
    },
    "error": {"description": "Why nobody has logged in.", "schema": {"type": "string"}},
    "error_description": {"description": "The same for people.", "schema": {"type": "string"}},
    "iss": {"description": "Who the provider says it is (RFC 9207).", "schema": {"type": "string"}},
}


class Error(Schema):
    """The shape of every error at this door."""

    code = fields.Integer(required=True, metadata={"description": "The HTTP status."})
    message = fields.String(required=True, metadata={"description": "What went wrong, for people."})


def document(app: Flask, config: Config) -> dict[str, Any]:
    """Make the OpenAPI 3.1 document of the public door as *app* serves it."""
    door = Door(
        blueprint="public",
        title="Public API",
        introduction=INTRODUCTION,
        error_schema=Error,
        errors=ERRORS,
        headers=HEADERS,
        parameters=PARAMETERS,
        security_schemes={
            "CookieAuth": {"type": "apiKey", "in": "cookie", "name": config.session.cookie.name},
            "BearerTokenAuth": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        },
        glossary=GLOSSARY,
    )
    return describe(app, door, version=__version__, server_url=config.hanko_compat.public_url or "/")
