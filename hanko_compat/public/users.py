"""Users: sign-up, look-up, profile, deletion, log-out."""

from typing import Any

from flask import Blueprint, make_response
from flask.typing import ResponseReturnValue

from hanko_compat.context import services
from hanko_compat.errors.users import ForeignAccount
from hanko_compat.public.answers import answer
from hanko_compat.public.body import body
from hanko_compat.public.schemas import (
    CreateUserResponse,
    EmailRequest,
    MeResponse,
    UserInfoResponse,
    UserResponse,
)
from hanko_compat.public.session import (
    SESSION_HEADERS,
    ends_session,
    hand_out,
    remember_email_id,
    take_back,
    with_session,
)
from hanko_compat.services.sessions.live import SessionInfo
from hanko_compat.web.allowed import allowed
from hanko_compat.web.body import returns
from hanko_compat.web.client_address import client

bp = Blueprint("users", __name__)


@bp.post("/users")
@returns(CreateUserResponse, headers=SESSION_HEADERS, errors=(403, 409, 429))
@allowed(lambda **_: services().users.accounts.check_sign_up_allowed())
@body(EmailRequest)
def create_user(data: dict[str, Any]) -> ResponseReturnValue:
    """Sign a user up (operationId createUser).

    Where addresses have to be verified (``email.require_verification``), ask for a passcode next, with both
    ids of the answer. Otherwise the answer brings a session.
    """
    sign_up = services().users.accounts.sign_up(data["email"], client=client())
    response = answer(CreateUserResponse, sign_up)
    if sign_up.issued is not None:
        hand_out(response, sign_up.issued)
    remember_email_id(response, sign_up.email_id)
    return response


@bp.get("/users/<id>")
@returns(UserResponse, errors=(403, 404))
@with_session
def get_user(id: str, session: SessionInfo) -> ResponseReturnValue:  # noqa: A002 - the path's name
    """Read one's own user by its id (operationId listUser)."""
    if id != str(session.user_id):
        raise ForeignAccount
    return answer(UserResponse, services().users.accounts.profile(session.user_id))


@bp.post("/user")
@returns(UserInfoResponse, errors=(404, 429))
@body(EmailRequest)
def get_user_id(data: dict[str, Any]) -> ResponseReturnValue:
    """Find the user to whom an address belongs (operationId getUserId).

    An address that its user still has to verify belongs to no user.
    """
    return answer(UserInfoResponse, services().users.accounts.look_up(data["email"], client=client()))


@bp.delete("/user")
@returns(None, status=204, headers=("Set-Cookie",), errors=(404,))
@allowed(lambda **_: services().users.accounts.check_deletion_allowed())
@ends_session
@with_session
def delete_user(session: SessionInfo) -> ResponseReturnValue:
    """Delete one's own account (operationId deleteUser).

    404 unless ``account.allow_deletion`` is on.
    """
    services().users.accounts.delete(session.user_id, client=client())
    response = make_response("", 204)
    take_back(response)
    return response


@bp.get("/me")
@returns(MeResponse, errors=(404,))
@with_session
def me(session: SessionInfo) -> ResponseReturnValue:
    """Read one's own profile (operationId IsUserAuthorized)."""
    return answer(MeResponse, services().users.accounts.profile(session.user_id))


@bp.post("/logout")
@returns(None, status=204, headers=("Set-Cookie",))
@ends_session
@with_session
def logout(session: SessionInfo) -> ResponseReturnValue:
    """End the session (operationId logout)."""
    services().users.accounts.log_out(session, client=client())
    response = make_response("", 204)
    take_back(response)
    return response
