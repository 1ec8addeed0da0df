"""How the views of this door write entities, and pages of them."""

from functools import cache
from typing import Any

from flask import Response, jsonify
from marshmallow import Schema

from hanko_compat.services.paging import Page, Query


def answer(schema: type[Schema], value: object) -> Response:
    """Write *value* as JSON by *schema*."""
    return jsonify(_dumper(schema).dump(value))


def answer_page(name: str, schema: type[Schema], page: Page[Any], query: Query) -> Response:
    """Write the items of a page under *name*, and which page of how many it is."""
    return jsonify(
        {
            name: _dumper(schema).dump(page.items, many=True),
            "paging": {
                "page": query.page,
                "totalPages": -(-page.total // query.size),
                "totalItems": page.total,
            },
        }
    )


@cache
def _dumper(schema: type[Schema]) -> Any:
    """One instance for all requests: making one costs more than dumping with it."""
    return schema()
