"""The documents of a door: OpenAPI for programs, a page for people. Off in production by default."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import urljoin

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from hanko_compat.web import pages, reference


def documents(
    document: Callable[[], dict[str, Any]],
    *,
    service_name: str,
    name: str = "documents",
    url_prefix: str = "",
    is_alone: bool = False,
) -> Blueprint:
    """Make the blueprint that serves what *document* returns; it is called once, when first asked for.

    The header of a page that *is_alone* leads to no other.
    """
    bp = Blueprint(name, __name__, template_folder="templates", url_prefix=url_prefix)
    document = cache(document)
    bp.add_app_template_filter(with_code, "with_code")

    @bp.get("/openapi.json")
    def openapi() -> ResponseReturnValue:
        return jsonify(document())

    @bp.get("/docs")
    def docs() -> ResponseReturnValue:
        server_url = urljoin("http://localhost:8000", document()["servers"][0]["url"]).rstrip("/")
        return pages.render(
            "docs.html",
            service_name=service_name,
            style="docs.css",
            script="docs.js",
            is_alone=is_alone,
            document=document(),
            sections=reference.sections(document(), base_url=server_url),
        )

    return bp


def with_code(text: str) -> Markup:
    """Escape *text* and show what stands in double back-quotes as code."""
    return Markup(re.sub(r"``(.+?)``", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just now
