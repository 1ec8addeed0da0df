"""The playground of ``serve --dev``: a page that walks through the API and shows each exchange."""

import re
from collections.abc import Iterator

from flask import Blueprint, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from hanko_compat.config import Config
from hanko_compat.services.profiles.providers import enabled
from hanko_compat.web import pages

# The page loads its own scripts and style, and talks to this server.
LOADS = dict.fromkeys(("script-src", "style-src", "connect-src"), "'self'")
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
        response = pages.render(
            "playground.html",
            service_name=config.service.name,
            loads=LOADS,
            served=sorted(_served_endpoints()),
            providers=enabled(config.third_party),
            has_saml=config.saml.enabled,
            has_mailbox="mailbox.mails" in current_app.view_functions,
        )
        response.headers["Cache-Control"] = "no-store"
        return response

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
