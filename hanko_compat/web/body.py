"""Declarations of a view: which JSON it takes (RFC 8259), and, for OpenAPI, what it answers."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from flask import request
from flask.typing import ResponseReturnValue
from gunicorn.http.errors import ParseException
from marshmallow import EXCLUDE, Schema
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from hanko_compat.errors.json_text import JSONRefused
from hanko_compat.web.json_text import parse_object

View = Callable[..., ResponseReturnValue]
Annotated = TypeVar("Annotated", bound=Callable[..., Any])

MAX_BODY = 1024 * 1024  # bytes
# The application's MAX_CONTENT_LENGTH, where werkzeug cuts a body of unknown length: so a cut is seen.
READ_LIMIT = MAX_BODY + 1
MOST_FIELDS = 20  # of a form
INCOMPLETE = "the body is cut short or badly framed"


class Null:
    """As the answer of a view: the JSON value null."""


Answer = type[Schema] | Schema | type[Null] | str
"""A schema, as a class or an instance; null; or the media type of what is not JSON."""


def body(schema: type[Schema]) -> Callable[[View], View]:
    """Parse the request's body as a JSON object, load it with *schema*, and pass it to the view as ``data``.

    Members that the schema doesn't name are ignored. A body that does not fit raises marshmallow's
    `ValidationError`, which each door renders; see `read_object` for the rest.
    """
    loader = schema(unknown=EXCLUDE)

    def decorate(view: View) -> View:
        @wraps(view)
        def with_body(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            return view(*args, data=loader.load(read_object()), **kwargs)

        return annotate(with_body, body=schema)

    return decorate


def returns(
    answer: Answer | None,
    *,
    status: int = 200,
    headers: tuple[str, ...] = (),
    errors: tuple[int, ...] = (),
) -> Callable[[Annotated], Annotated]:
    """Note for OpenAPI what a view answers; None for no body.

    *headers* are those of the success, *errors* the statuses beyond those that other decorators bring.
    The view still dumps and answers by itself.
    """

    def decorate(view: Annotated) -> Annotated:
        notes = vars(view).get("__openapi__", {})
        return annotate(
            view,
            responses={status: answer, **notes.get("responses", {})},
            headers=(*headers, *notes.get("headers", ())),
            errors=(*errors, *notes.get("errors", ())),
        )

    return decorate


def takes(*parameters: str) -> Callable[[Annotated], Annotated]:
    """Note for OpenAPI which parameters of the query a view reads that tells by a redirect what is wrong."""
    return lambda view: annotate(view, parameters=parameters, redirects=True)


def annotate(view: Annotated, **notes: Any) -> Annotated:
    """Add *notes* to what OpenAPI reads from a view (`hanko_compat.web.openapi` lists the keys)."""
    # A new dict: functools.wraps shares the wrapped view's.
    vars(view)["__openapi__"] = {**vars(view).get("__openapi__", {}), **notes}
    return view


def read_object() -> dict[str, Any]:
    """Read the request's body as a JSON object; an empty body of any type is ``{}``.

    Raises:
        UnsupportedMediaType: not declared as JSON, or compressed.
        RequestEntityTooLarge: more than `MAX_BODY` bytes.
        BadRequest: not a JSON object, or one that is ambiguous or harmful; the description says why.
    """
    data = read_json_text()
    try:
        return parse_object(data) if data else {}
    except JSONRefused as error:
        raise BadRequest(str(error)) from error


def read_json_text() -> bytes:
    """Read the request's body, which says of itself that it is JSON; an empty one may be of any type.

    Raises:
        UnsupportedMediaType: not declared as JSON, or compressed.
        RequestEntityTooLarge: more than `MAX_BODY` bytes.
        BadRequest: shorter than declared, or badly framed.
    """
    data = _read()
    if not data:
        return data
    if not _is_json(request.mimetype):
        raise UnsupportedMediaType("the body must be declared as application/json")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("the body must not be compressed")
    return data


def read_form() -> dict[str, str]:
    """Read the request's body as the fields of an HTML form (URL Standard s. 5.1).

    As Hanko 2.7.0: a repeated field counts once, the first.

    Raises:
        UnsupportedMediaType: not declared as such a form.
        RequestEntityTooLarge: more than `MAX_BODY` bytes.
        BadRequest: shorter than declared, badly framed, or of more than `MOST_FIELDS` fields.
    """
    data = _read()
    if request.mimetype != "application/x-www-form-urlencoded":
        raise UnsupportedMediaType("the body must be a form")
    try:
        fields = parse_qsl(data.decode(errors="replace"), max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise BadRequest("the form has too many fields") from error
    return dict(reversed(fields))


def _read() -> bytes:
    try:
        # Not get_data(): it would keep a second reference to a body that is not read again.
        data = request.stream.read()
    except (ParseException, OSError) as error:  # gunicorn's, for chunks that are none (RFC 9112 s. 7.1)
        raise BadRequest(INCOMPLETE) from error
    if len(data) > MAX_BODY:
        raise RequestEntityTooLarge
    if len(data) < (request.content_length or 0):
        raise BadRequest(INCOMPLETE)  # RFC 9112 s. 8
    return data


def _is_json(mimetype: str) -> bool:
    return mimetype == "application/json" or (
        mimetype.startswith("application/") and mimetype.endswith("+json")
    )
