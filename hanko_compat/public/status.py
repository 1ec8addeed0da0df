"""Whether the server works: a page for people, two answers for load balancers."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hanko_compat.context import services
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.public.answers import answer
from hanko_compat.public.schemas import AliveResponse, ReadyResponse
from hanko_compat.web import pages
from hanko_compat.web.body import returns

bp = Blueprint("status", __name__)

# A table that every layout has; of its few rows one is read.
PROBED = "jwks"


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
    """The page, which leads nowhere but during development."""
    config = services().config
    works = code == 200
    page = pages.render(
        "status.html",
        service_name=config.service.name,
        style="status.css",
        is_alone=not config.dev,
        works=works,
    )
    return page, code
