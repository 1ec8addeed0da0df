"""One-time tokens, which end a log-in at another provider."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from hanko_compat.context import services
from hanko_compat.errors import HankoCompatError
from hanko_compat.public.answers import answer
from hanko_compat.public.body import body
from hanko_compat.public.errors import render
from hanko_compat.public.schemas import TokenRequest, TokenResponse
from hanko_compat.public.session import SESSION_HEADERS, hand_out, remember_device
from hanko_compat.web.body import returns
from hanko_compat.web.client_address import client
from hanko_compat.web.rate_limit_headers import RATE_LIMIT_HEADERS

View = Callable[..., ResponseReturnValue]

bp = Blueprint("token", __name__)

# As Hanko 2.7.0: what else it refuses, it tells nobody.
REPORTED = (400, 404, 422)


def counted(view: View) -> View:
    """Count the request before anything of it is looked at.

    Raises:
        RateLimited: too many from this client.
    """

    @wraps(view)
    def checked(**arguments: Any) -> ResponseReturnValue:
        services().tokens.admit(client())
        return view(**arguments)

    return checked


def reported(view: View) -> View:
    """Report what the view refuses, in the words of its answer."""

    @wraps(view)
    def checked(**arguments: Any) -> ResponseReturnValue:
        try:
            return view(**arguments)
        except (HankoCompatError, ValidationError, HTTPException) as error:
            refused = render(error)
            status, message = refused.status_code, refused.get_json()["message"]
            if status in REPORTED:
                services().tokens.report_failure(client(), status=status, message=message)
            raise

    return checked


@bp.post("/token")
@returns(TokenResponse, headers=(*SESSION_HEADERS, *RATE_LIMIT_HEADERS), errors=(403, 404, 422, 429))
@counted
@reported
@body(TokenRequest)
def token(data: dict[str, Any]) -> ResponseReturnValue:
    """Exchange the one-time token of a log-in at another provider for a session (operationId token).

    A token works once, within a minute.
    """
    login = services().tokens.exchange(data["value"], client=client())
    session = login.session
    response = answer(TokenResponse, session)
    hand_out(response, login)
    remember_device(response, session.user_id, session_id=session.session_id)
    return response
