"""Whether the server works: a page for people, two answers for load balancers."""

from flask import Blueprint, current_app, make_response, render_template
from flask.typing import ResponseReturnValue

from hanko_compat import __version__
from hanko_compat.context import services
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.public.answers import answer
from hanko_compat.public.schemas import AliveResponse, ReadyResponse
from hanko_compat.web.body import returns

bp = Blueprint("status", __name__, template_folder="templates")

# The page has one style sheet, inside itself, and nothing else.
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
# A table that every layout has; of its few rows one is read.
PROBED = "jwks"
# What the page of a developer's server leads to, by the view that serves it.
PAGES = {
    "playground.page": ("playground", "Playground"),
    "documents.docs": ("docs", "API reference"),
    "mailbox.mails": ("dev/mailbox", "Mailbox"),
}


@bp.get("/")
@returns("text/html", status=500)
@returns("text/html")
def status() -> ResponseReturnValue:
    """Show the state of the server to people; 500 when the database does not answer (operationId status)."""
    try:
        services().database.ping(table=PROBED)
    except DatabaseUnavailable:
        return _page(500)
    return _page(200)


@bp.get("/health/alive")
@returns(AliveResponse)
def alive() -> ResponseReturnValue:
    """Tell that the server runs (operationId getHealthAlive)."""
    return answer(AliveResponse, {"alive": True})


@bp.get("/health/ready")
@returns(ReadyResponse)
def ready() -> ResponseReturnValue:
    """Tell that the server can work: its database shows its rows, else 503 (operationId getHealthReady)."""
    services().database.ping(table=PROBED)
    return answer(ReadyResponse, {"ready": True})


def _page(code: int) -> ResponseReturnValue:
    name = services().config.service.name
    page = render_template("status.html", name=name, version=__version__, works=code == 200, links=_links())
    response = make_response(page, code)
    response.headers["Content-Type"] = "text/html; charset=UTF-8"
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response


def _links() -> list[tuple[str, str]]:
    """Where the page leads: nowhere but during development."""
    if not services().config.dev:
        return []
    return [link for view, link in PAGES.items() if view in current_app.view_functions]
