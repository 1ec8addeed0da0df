"""Passwords: set, changed, and logged in with."""

from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from hanko_compat.context import services
from hanko_compat.public.body import body
from hanko_compat.public.schemas import PasswordRequest
from hanko_compat.public.session import (
    DEVICE_HEADERS,
    SESSION_HEADERS,
    hand_out,
    remember_device,
    with_session,
)
from hanko_compat.services.sessions.live import SessionInfo
from hanko_compat.web.body import Null, returns
from hanko_compat.web.client_address import client
from hanko_compat.web.rate_limit_headers import RATE_LIMIT_HEADERS

bp = Blueprint("password", __name__)


@bp.put("/password")
@returns(Null, status=200, headers=DEVICE_HEADERS)
@returns(Null, status=201, headers=DEVICE_HEADERS, errors=(403, 404))
@with_session
@body(PasswordRequest)
def password(session: SessionInfo, data: dict[str, Any]) -> ResponseReturnValue:
    """Set or change one's own password (operationId password).

    201 for the first one, 200 for a change. The user's other sessions end.
    """
    passwords = services().passwords
    is_first = passwords.set(session, user_id=data["user_id"], password=data["password"], client=client())
    response = jsonify(None)
    # Its old device cookie has ended with the old password.
    remember_device(response, session.user_id, session_id=session.session_id)
    return response, 201 if is_first else 200


@bp.post("/password/login")
@returns(Null, headers=(*SESSION_HEADERS, *RATE_LIMIT_HEADERS), errors=(401, 404, 429))
@body(PasswordRequest)
def password_login(data: dict[str, Any]) -> ResponseReturnValue:
    """Log in with a password (operationId passwordLogin).

    A wrong password, a user without one and an unknown user are all 401.
    """
    login = services().passwords.log_in(data["user_id"], data["password"], client=client())
    response = jsonify(None)
    hand_out(response, login)
    remember_device(response, login.session.user_id, session_id=login.session.session_id)
    return response
