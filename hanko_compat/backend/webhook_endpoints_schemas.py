"""The bodies of webhook endpoints, named as in the published API description."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, validate

from hanko_compat.backend.fields import (
    BLANK,
    NOT_VALID,
    OPTIONAL,
    REQUIRED,
    Answer,
    Choice,
    Id,
    Milliseconds,
    Moment,
    length,
    one_of,
    optional_text,
    required_text,
)
from hanko_compat.services.webhooks.bodies import WebhookEventType

MALFORMED = "must be in a valid format"
NO_URL = "must be a valid URL"
LONGEST_URL = 2048  # characters
MOST_HEADERS = 50
LONGEST_HEADERS = 8192  # characters, all together
PRINTABLE = re.compile(r"[!-~]+", re.ASCII)
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)  # RFC 9110 s. 5.6.2
HEADER_VALUE = re.compile(r"[!-~](?:[\t -~]*[!-~])?|", re.ASCII)  # RFC 9110 s. 5.5, without obs-text
OURS = frozenset(
    {"connection", "content-length", "content-type", "host", "transfer-encoding", "x-corbado-webhook-event"}
)


def check_url(text: str) -> None:
    """Refuse what is no absolute URL with http or https, without credentials and fragment (RFC 3986)."""
    if text and not _is_url(text):
        raise ValidationError(NO_URL)


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        is_absolute = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets without an address in them, or a port over 65535
        return False
    return is_absolute and bool(PRINTABLE.fullmatch(text)) and not ("@" in parts.netloc or "#" in text)


def check_headers(headers: Mapping[str, str]) -> None:
    """Refuse what can't be sent as a header, or is what we send ourselves."""
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name) or name.lower() in OURS or not HEADER_VALUE.fullmatch(value):
            raise ValidationError(NOT_VALID)
    if len(headers) > MOST_HEADERS or sum(map(len, [*headers, *headers.values()])) > LONGEST_HEADERS:
        raise ValidationError(NOT_VALID)


def check_username(text: str) -> None:
    """Refuse what HTTP Basic can't carry (RFC 7617 s. 2)."""
    if ":" in text or not text.isprintable():
        raise ValidationError(MALFORMED)


def _events(**options: Any) -> fields.List[Any]:
    """Which events it gets; at least one."""
    return fields.List(
        Choice(WebhookEventType, validate=one_of(WebhookEventType), error_messages=OPTIONAL),
        data_key="subscribedEvents",
        validate=validate.Length(min=1, error=BLANK),
        **options,
    )


def _custom_headers(**options: Any) -> fields.Dict:
    """What is sent with each event."""
    return fields.Dict(
        keys=fields.String(),
        values=fields.String(error_messages=OPTIONAL),
        data_key="customHeaders",
        validate=check_headers,
        **options,
    )


OPTIONALLY: dict[str, Any] = {"allow_none": True, "load_default": None, "error_messages": OPTIONAL}


class WebhookEndpointCreateReq(Schema):
    """A new endpoint."""

    url = required_text(length(1, LONGEST_URL), check_url)
    username = optional_text(length(1, 255), check_username, name="basicAuthUsername")
    password = optional_text(length(1, 255), name="basicAuthPassword")
    events = _events(required=True, error_messages=REQUIRED)
    custom_headers = _custom_headers(required=True, error_messages=REQUIRED)


class WebhookEndpointUpdateReq(Schema):
    """What changes of an endpoint."""

    url = optional_text(validate.Length(min=1, error=BLANK), length(1, LONGEST_URL), check_url)
    username = optional_text(length(1, 255), check_username, name="basicAuthUsername")
    password = optional_text(length(1, 255), name="basicAuthPassword")
    events = _events(**OPTIONALLY)
    custom_headers = _custom_headers(**OPTIONALLY)


class WebhookEndpoint(Answer):
    """An endpoint; user name and password are empty without basic authentication."""

    id = Id("webhook_endpoint_id")
    url = fields.String()
    username = fields.String(data_key="basicAuthUsername")
    password = fields.String(data_key="basicAuthPassword")
    custom_headers = fields.Dict(keys=fields.String(), values=fields.String(), data_key="customHeaders")
    events = fields.List(fields.String(), data_key="subscribedEvents")
    created = Moment(attribute="created_at", dump_only=True)
    created_ms = Milliseconds(attribute="created_at", data_key="createdMs", dump_only=True)
    updated = Moment(attribute="updated_at", dump_only=True)
    updated_ms = Milliseconds(attribute="updated_at", data_key="updatedMs", dump_only=True)


class WebhookEndpointList(Schema):
    """All endpoints."""

    endpoints = fields.List(fields.Nested(WebhookEndpoint), required=True, data_key="webhookEndpoints")
