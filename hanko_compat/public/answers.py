"""How the views of this door write their answers."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from flask import Response, jsonify
from marshmallow import Schema


def answer(schema: type[Schema], value: object) -> Response:
    """Write *value* as JSON by *schema*."""
    return jsonify(_dumper(schema).dump(value))


def answer_list(schema: type[Schema], values: Iterable[object]) -> Response:
    """Write *values* as a JSON array, each by *schema*."""
    return jsonify(_dumper(schema).dump(values, many=True))


@cache
def _dumper(schema: type[Schema]) -> Any:
    """One instance for all requests: making one costs more than dumping with it."""
    return schema()
