"""The documents of a door: OpenAPI for programs, a page for people. Off in production by default."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import urljoin

from flask import Blueprint, Response, jsonify, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from hanko_compat.web import page_style, reference


def documents(
    document: Callable[[], dict[str, Any]], *, name: str = "documents", url_prefix: str = ""
) -> Blueprint:
    """Make the blueprint that serves what *document* returns; it is called once, when first asked for."""
    bp = Blueprint(name, __name__, template_folder="templates", url_prefix=url_prefix)
    document = cache(document)
    bp.add_app_template_filter(with_code, "with_code")

    @bp.get("/openapi.json")
    def openapi() -> ResponseReturnValue:
        return jsonify(document())

    @bp.get("/docs")
    def docs() -> ResponseReturnValue:
        server_url = urljoin("http://localhost:8000", document()["servers"][0]["url"]).rstrip("/")
        page = render_template(
            "docs.html",
            document=document(),
            sections=reference.sections(document(), base_url=server_url),
            style=_style(),
        )
        return Response(page, headers={"Content-Security-Policy": _content_security_policy()})

    return bp


def with_code(text: str) -> Markup:
    """Escape *text* and show what stands in double back-quotes as code."""
    return Markup(re.sub(r"``(.+?)``", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just now


def _style() -> Markup:
    return page_style.read("hanko_compat.web", "docs.css")


@cache
def _content_security_policy() -> str:
    """Allow the page's own style and nothing else: it needs nothing else."""
    return (
        f"default-src 'none'; style-src {page_style.source(_style())}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
