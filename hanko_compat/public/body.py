"""Which JSON a view of this door takes, read as the original reads it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from hanko_compat.errors.json_text import JSONCutShort, JSONRefused, TypeMismatch
from hanko_compat.public.members import Members, describe
from hanko_compat.web.body import annotate, read_json_text
from hanko_compat.web.json_text import check_strings, parse_value

View = Callable[..., ResponseReturnValue]


def body(schema: type[Schema], *, then: Callable[..., None] | None = None) -> Callable[[View], View]:
    """Read the request's body as a JSON object, load it with *schema*, and pass it to the view as ``data``.

    No body and the body null are an empty object. Members are found in letters of any case, those that the
    schema doesn't name are ignored, and the first value of a wrong type is refused. Then comes *then*, called
    with the view's arguments so far: what it raises is the answer. Then the members are judged, all of them
    together: what does not fit raises marshmallow's `ValidationError`.
    """
    loader = schema(unknown=EXCLUDE)
    members = Members(loader)

    def decorate(view: View) -> View:
        @wraps(view)
        def with_body(**arguments: Any) -> ResponseReturnValue:
            text = _read()
            picked = _pick(members, text) if text else {}
            if then is not None:
                then(**arguments)
            data = loader.load(picked)
            if b"\\u" in text:  # else there is no way to write what is refused
                _check(data)
            return view(data=data, **arguments)

        return annotate(with_body, body=schema)

    return decorate


def _read() -> bytes:
    try:
        return read_json_text()
    except UnsupportedMediaType as error:
        raise UnsupportedMediaType from error  # in the original's words


def _pick(members: Members, text: bytes) -> dict[str, Any]:
    try:
        value = parse_value(text)
        return members.pick({} if value is None else value)
    except TypeMismatch as mismatch:
        raise BadRequest(describe(mismatch, text.decode())) from mismatch
    except JSONCutShort as error:
        # As Hanko 2.7.0: the names of Go's errors.
        raise BadRequest("unexpected EOF" if text.strip() else "EOF") from error
    except JSONRefused as error:
        raise BadRequest(str(error)) from error


def _check(data: dict[str, Any]) -> None:
    """Look at what the schema took: a member that is ignored may hold anything."""
    try:
        check_strings(data)
    except JSONRefused as error:
        raise BadRequest(str(error)) from error
