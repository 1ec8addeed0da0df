"""The playground of ``serve --dev``: a page that walks through the API and shows each exchange."""

import re
from collections.abc import Iterator

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from hanko_compat import __version__
from hanko_compat.config import Config
from hanko_compat.services.profiles.providers import enabled

# The page loads its own scripts and style, talks to this server, and nothing else (CSP Level 3).
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
ARGUMENT = re.compile(r"<[^>]+>")


def playground(config: Config) -> Blueprint:
    """Make the blueprint of the page, its files, and the token that its session cookie hides from scripts."""
    cookie_name = config.session.cookie.name
    bp = Blueprint(
        "playground",
        __name__,
        template_folder="templates",
        static_folder="static/playground",
        static_url_path="/playground",
    )

    @bp.get("/playground")
    def page() -> ResponseReturnValue:
        text = render_template(
            "playground.html",
            service_name=config.service.name,
            version=__version__,
            served=sorted(_served_endpoints()),
            providers=enabled(config.third_party),
            has_saml=config.saml.enabled,
            has_documents="documents.docs" in current_app.view_functions,
            has_mailbox="mailbox.mails" in current_app.view_functions,
        )
        headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Cache-Control": "no-store"}
        return Response(text, headers=headers)

    @bp.get("/playground/token")
    def token() -> ResponseReturnValue:
        # CORS lets frontends elsewhere read answers; this one is for our own page (Fetch Metadata s. 2.3).
        if request.environ.get("HTTP_SEC_FETCH_SITE") != "same-origin":
            abort(403)
        response = jsonify({"token": request.cookies.get(cookie_name)})
        response.headers["Cache-Control"] = "no-store"
        return response

    return bp


def _served_endpoints() -> Iterator[str]:
    """Yield what the page may call, such as ``DELETE /emails/{id}``: it says so where one is not served."""
    for rule in current_app.url_map.iter_rules():
        for method in METHODS & (rule.methods or set()):
            yield f"{method} {ARGUMENT.sub('{id}', rule.rule)}"
