"""The envelope of answers that are no entity, errors included (``genericRsp``, ``errorRsp``)."""

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import Response, g, jsonify


class FieldError(NamedTuple):
    """What is wrong with one member of a request."""

    field: str
    message: str


def generic(*, status: int = 200, message: str = "OK") -> dict[str, Any]:
    """The members of every envelope; ``link`` was required once, so old clients find it."""
    return {
        "httpStatusCode": status,
        "message": message,
        "requestData": {"requestID": g.request_id, "link": ""},
        "runtime": round(time.perf_counter() - g.started, 6),
    }


def done() -> Response:
    """Answer that what was asked for is done."""
    return jsonify(generic())


def failed(*, status: int, message: str, type_: str, validation: Sequence[FieldError] = ()) -> Response:
    """Answer an error. SDKs index these members without a look, and walk through lists."""
    error: dict[str, Any] = {"type": type_, "links": []}
    if validation:
        error["validation"] = [each._asdict() for each in validation]
    response = jsonify(generic(status=status, message=message) | {"error": error})
    response.status_code = status
    return response
