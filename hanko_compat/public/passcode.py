"""Log-in by a passcode, which comes by mail."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from hanko_compat.context import services
from hanko_compat.public.answers import answer
from hanko_compat.public.body import body
from hanko_compat.public.schemas import PasscodeFinalRequest, PasscodeInitRequest, PasscodeResponse
from hanko_compat.public.session import (
    EMAIL_ID_COOKIE,
    SESSION_HEADERS,
    hand_out,
    remember_device,
    with_caller,
)
from hanko_compat.services.passcodes import PasscodeRequest
from hanko_compat.web.body import returns
from hanko_compat.web.client_address import client
from hanko_compat.web.rate_limit_headers import RATE_LIMIT_HEADERS

bp = Blueprint("passcode", __name__, url_prefix="/passcode/login")


@bp.post("/initialize")
@returns(PasscodeResponse, headers=RATE_LIMIT_HEADERS, errors=(403, 404, 429))
@body(PasscodeInitRequest)
@with_caller
def initialize(data: dict[str, Any], caller_id: UUID | None) -> ResponseReturnValue:
    """Mail a passcode to one of the user's addresses, the primary one by default (operationId passcodeInit).

    After a sign-up name its address: by ``email_id``, or by the cookie that the sign-up set.
    """
    wanted = PasscodeRequest(
        user_id=data["user_id"],
        email_id=data.get("email_id"),
        remembered_email_id=request.cookies.get(EMAIL_ID_COOKIE),
    )
    passcode = services().passcodes.start(wanted, caller_id=caller_id, client=client())
    return answer(PasscodeResponse, passcode)


@bp.post("/finalize")
@returns(PasscodeResponse, headers=SESSION_HEADERS, errors=(401, 403, 404, 408, 409, 410, 429))
@body(PasscodeFinalRequest)
@with_caller
def finalize(data: dict[str, Any], caller_id: UUID | None) -> ResponseReturnValue:
    """Log in with the code of the mail (operationId passcodeFinal).

    A code works once; the third wrong one ends it. The address is verified by this.
    """
    login = services().passcodes.finish(data["id"], data["code"], caller_id=caller_id, client=client())
    response = answer(PasscodeResponse, login.passcode)
    hand_out(response, login.issued)
    session = login.issued.session
    remember_device(response, session.user_id, session_id=session.session_id)
    return response
