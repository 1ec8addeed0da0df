"""Log-in by a passcode, which comes by mail."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from hanko_compat.context import services
from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.public.answers import answer
from hanko_compat.public.schemas import PasscodeFinalRequest, PasscodeInitRequest, PasscodeResponse
from hanko_compat.public.session import EMAIL_ID_COOKIE, SESSION_HEADERS, find_session, hand_out
from hanko_compat.services.passcodes import PasscodeRequest
from hanko_compat.web.body import body, returns
from hanko_compat.web.client_address import client
from hanko_compat.web.rate_limit_headers import RATE_LIMIT_HEADERS

bp = Blueprint("passcode", __name__, url_prefix="/passcode/login")


@bp.post("/initialize")
@returns(PasscodeResponse, headers=RATE_LIMIT_HEADERS, errors=(403, 429))
@body(PasscodeInitRequest)
def initialize(data: dict[str, Any]) -> ResponseReturnValue:
    """Mail a passcode to one of the user's addresses, the primary one by default (operationId passcodeInit).

    After a sign-up name its address: by ``email_id``, or by the cookie that the sign-up set.
    """
    wanted = PasscodeRequest(
        user_id=data["user_id"],
        email_id=data.get("email_id"),
        remembered_email_id=request.cookies.get(EMAIL_ID_COOKIE),
    )
    passcode = services().passcodes.start(wanted, caller_id=_caller_id(), client=client())
    return answer(PasscodeResponse, passcode)


@bp.post("/finalize")
@returns(PasscodeResponse, headers=SESSION_HEADERS, errors=(401, 403, 408, 409, 410, 429))
@body(PasscodeFinalRequest)
def finalize(data: dict[str, Any]) -> ResponseReturnValue:
    """Log in with the code of the mail (operationId passcodeFinal).

    A code works once; the third wrong one ends it. The address is verified by this.
    """
    login = services().passcodes.finish(data["id"], data["code"], caller_id=_caller_id(), client=client())
    response = answer(PasscodeResponse, login.passcode)
    hand_out(response, login.issued)
    return response


def _caller_id() -> UUID | None:
    """The user whose session the request carries; one that does not count any more is as good as none."""
    try:
        return find_session(services().sessions.live.authenticate).user_id
    except SessionInvalid:
        return None
