"""Passkeys: registered, logged in with, listed, renamed, deleted."""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hanko_compat.context import services
from hanko_compat.public.answers import answer, answer_list
from hanko_compat.public.body import body
from hanko_compat.public.schemas import CredentialResponse
from hanko_compat.public.session import SESSION_HEADERS, hand_out, remember_device, with_session
from hanko_compat.public.webauthn_schemas import (
    CredentialCreationOptions,
    CredentialRequestOptions,
    UpdateCredentialRequest,
    WebauthnFinalResponse,
    WebauthnLoginFinalRequest,
    WebauthnLoginInitRequest,
    WebauthnRegFinalRequest,
    WebauthnRegInitRequest,
)
from hanko_compat.services.passkeys.login import Assertion
from hanko_compat.services.passkeys.registration import Attestation
from hanko_compat.services.sessions.live import SessionInfo
from hanko_compat.web.body import returns
from hanko_compat.web.client_address import client

bp = Blueprint("webauthn", __name__, url_prefix="/webauthn")


@bp.post("/registration/initialize")
@returns(CredentialCreationOptions, errors=(404, 409, 429))
@with_session
@body(WebauthnRegInitRequest)
def webauthn_reg_init(session: SessionInfo, **_nothing: Any) -> ResponseReturnValue:
    """Begin to register a passkey (operationId webauthnRegInit).

    The answer is for ``navigator.credentials.create()``. 409 when no more passkeys are allowed. No body is
    needed; one that is sent has to be a JSON object.
    """
    options = services().passkeys.registration.start(session.user_id, client=client())
    return answer(CredentialCreationOptions, {"public_key": options})


@bp.post("/registration/finalize")
@returns(WebauthnFinalResponse, errors=(404, 409, 422))
@with_session
@body(WebauthnRegFinalRequest)
def webauthn_reg_final(session: SessionInfo, data: dict[str, Any]) -> ResponseReturnValue:
    """Register a passkey (operationId webauthnRegFinal).

    The body is the answer of ``navigator.credentials.create()``. A challenge works once.
    """
    response = data["response"]
    attestation = Attestation(
        client_data=response["client_data_json"],
        attestation_object=response["attestation_object"],
        transports=tuple(filter(None, response["transports"] or ())),
    )
    credential_id = services().passkeys.registration.finish(session, attestation, client=client())
    return answer(WebauthnFinalResponse, {"credential_id": credential_id, "user_id": session.user_id})


@bp.post("/login/initialize")
@returns(CredentialRequestOptions, errors=(404, 429))
@body(WebauthnLoginInitRequest)
def webauthn_login_init(data: dict[str, Any]) -> ResponseReturnValue:
    """Begin to log in with a passkey (operationId webauthnLoginInit).

    The answer is for ``navigator.credentials.get()``. Without a user any discoverable passkey may answer.
    """
    options = services().passkeys.login.start(data["user_id"], client=client())
    return answer(CredentialRequestOptions, {"public_key": options})


@bp.post("/login/finalize")
@returns(WebauthnFinalResponse, headers=SESSION_HEADERS, errors=(401, 404, 429))
@body(WebauthnLoginFinalRequest)
def webauthn_login_final(data: dict[str, Any]) -> ResponseReturnValue:
    """Log in with a passkey (operationId webauthnLoginFinal).

    The body is the answer of ``navigator.credentials.get()``. A challenge works once.
    """
    response = data["response"]
    assertion = Assertion(
        credential_id=data["raw_id"],
        client_data=response["client_data_json"],
        authenticator_data=response["authenticator_data"],
        signature=response["signature"],
        user_handle=response["user_handle"],
    )
    login = services().passkeys.login.finish(assertion, client=client())
    session, user_id = login.issued.session, login.issued.session.user_id
    finished = answer(WebauthnFinalResponse, {"credential_id": login.credential_id, "user_id": user_id})
    hand_out(finished, login.issued)
    remember_device(finished, user_id, session_id=session.session_id)
    return finished


@bp.get("/credentials")
@returns(CredentialResponse(many=True), errors=(404,))
@with_session
def list_credentials(session: SessionInfo) -> ResponseReturnValue:
    """List one's own passkeys and security keys, the oldest first (operationId listCredentials)."""
    return answer_list(CredentialResponse, services().passkeys.credentials.list(session.user_id))


@bp.patch("/credentials/<credential>")
@returns(None, errors=(404,))
@with_session
@body(UpdateCredentialRequest)
def update_credential(credential: str, session: SessionInfo, data: dict[str, Any]) -> ResponseReturnValue:
    """Rename one of one's own credentials (operationId updateCredential)."""
    services().passkeys.credentials.rename(session.user_id, credential, data["name"], client=client())
    return "", 200


@bp.delete("/credentials/<credential>")
@returns(None, status=204, errors=(404,))
@with_session
def delete_credential(credential: str, session: SessionInfo) -> ResponseReturnValue:
    """Delete one of one's own credentials (operationId deleteCredential)."""
    services().passkeys.credentials.delete(session.user_id, credential, client=client())
    return "", 204
