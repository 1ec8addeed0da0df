"""How the views of this door write their answers."""

from functools import cache
from typing import Any

from flask import Response, jsonify
from marshmallow import Schema


def answer(schema: type[Schema], value: object) -> Response:
    """Write *value* as JSON by *schema*."""
    return jsonify(_dumper(schema).dump(value))


@cache
def _dumper(schema: type[Schema]) -> Any:
    """One instance for all requests: making one costs more than dumping with it."""
    return schema()
