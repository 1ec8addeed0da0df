"""The addresses of the caller: listed, added, deleted, made primary."""

from typing import Any

from flask import Blueprint, make_response
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from hanko_compat.context import services
from hanko_compat.errors.emails import AddressInvalid, AddressTooLong
from hanko_compat.public.answers import answer, answer_list
from hanko_compat.public.body import body
from hanko_compat.public.fields import address_objection
from hanko_compat.public.path_ids import id_in
from hanko_compat.public.schemas import CreateEmailRequest, CreateEmailResponse, EmailResponse
from hanko_compat.public.session import DEVICE_HEADERS, remember_device, with_session
from hanko_compat.services.sessions.live import SessionInfo
from hanko_compat.web.body import returns
from hanko_compat.web.client_address import client

bp = Blueprint("emails", __name__)


@bp.get("/emails")
@returns(EmailResponse(many=True))
@with_session
def list_emails(session: SessionInfo) -> ResponseReturnValue:
    """List one's own addresses (operationId listEmails).

    One that was added and is not verified yet is not among them.
    """
    return answer_list(EmailResponse, services().emails.list(session.user_id))


@bp.post("/emails")
@returns(CreateEmailResponse, errors=(409, 429))
@with_session
@body(CreateEmailRequest, then=lambda session: services().emails.check_room(session.user_id))
def create_email(session: SessionInfo, data: dict[str, Any]) -> ResponseReturnValue:
    """Add an address (operationId createEmail).

    Where addresses have to be verified, ask for a passcode for it next, with its id and the same session.
    400 when the address belongs to a user, 409 when no more addresses are allowed.
    """
    try:
        added = services().emails.add(session, data["address"], client=client())
    except (AddressInvalid, AddressTooLong) as error:
        raise ValidationError(address_objection("address", error)) from error
    return answer(CreateEmailResponse, added)


@bp.delete("/emails/<id>")
@returns(None, status=204, errors=(400, 404, 409))
@with_session
def delete_email(id: str, session: SessionInfo) -> ResponseReturnValue:  # noqa: A002 - the path's name
    """Delete one of one's own addresses (operationId deleteEmail).

    409 for the primary one: make another one primary first.
    """
    services().emails.delete(session, id_in(id), client=client())
    return "", 204


@bp.post("/emails/<id>/set_primary")
@returns(None, status=204, headers=DEVICE_HEADERS, errors=(400, 404))
@with_session
def set_primary_email(id: str, session: SessionInfo) -> ResponseReturnValue:  # noqa: A002 - the path's name
    """Make one of one's own addresses the primary one (operationId setPrimaryEmail)."""
    services().emails.set_primary(session, id_in(id), client=client())
    response = make_response("", 204)
    # Its old device cookie has ended with the old primary address.
    remember_device(response, session.user_id, session_id=session.session_id)
    return response
