"""Passkeys: made and used by people in browsers, for servers that ask."""

from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from hanko_compat.backend.answers import answer
from hanko_compat.backend.client_information import person, source
from hanko_compat.backend.passkey_answers import DELETED, StartAnswer, append_answer, log_in_answer
from hanko_compat.backend.passkey_schemas import (
    PasskeyAppendFinishReq,
    PasskeyAppendFinishRsp,
    PasskeyAppendStartReq,
    PasskeyAppendStartRsp,
    PasskeyLoginFinishReq,
    PasskeyLoginFinishRsp,
    PasskeyLoginStartReq,
    PasskeyLoginStartRsp,
    PasskeyMediationFinishReq,
    PasskeyMediationFinishRsp,
    PasskeyMediationStartReq,
    PasskeyMediationStartRsp,
    PasskeyPostLoginReq,
    PasskeyPostLoginRsp,
    PasskeyVerifySignedDataReq,
    PasskeyVerifySignedDataRsp,
)
from hanko_compat.context import services
from hanko_compat.errors.base64url import Base64urlMalformed
from hanko_compat.errors.passkeys import AssertionInvalid, AttestationInvalid, CredentialNotFound
from hanko_compat.services.passkeys.login import Assertion
from hanko_compat.services.passkeys.passkey_data import PasskeyData
from hanko_compat.services.passkeys.registration import Attestation
from hanko_compat.web.allowed import allowed
from hanko_compat.web.body import body, returns
from hanko_compat.web.client_address import client

bp = Blueprint("passkey", __name__)

where_passkeys_are_enabled = allowed(lambda **_: services().passkeys.credentials.check_enabled())


@bp.post("/passkey/append/start")
@returns(PasskeyAppendStartRsp, errors=(401,))
@where_passkeys_are_enabled
@body(PasskeyAppendStartReq)
def passkey_append_start(data: dict[str, Any]) -> ResponseReturnValue:
    """Begin to make a passkey (operationId PasskeyAppendStart).

    The options are for ``navigator.credentials.create()``. There are none where the device keeps no passkeys,
    unless they are forced.
    """
    information = data["client_information"]
    offer = services().passkeys.server_registration.start(
        data["user_id"],
        process_id=data["process_id"],
        username=data["username"],
        has_platform_authenticator=information["has_platform_authenticator"],
        is_forced=data["flags"]["is_forced"],
        client=person(information),
    )
    return answer(PasskeyAppendStartRsp, append_answer(offer))


@bp.post("/passkey/append/finish")
@returns(PasskeyAppendFinishRsp, errors=(401,))
@where_passkeys_are_enabled
@body(PasskeyAppendFinishReq)
def passkey_append_finish(data: dict[str, Any]) -> ResponseReturnValue:
    """Keep the passkey that was made (operationId PasskeyAppendFinish).

    A challenge works once, for the user and the process that began.
    """
    information = data["client_information"]
    passkey = services().passkeys.server_registration.finish(
        data["user_id"],
        _attestation(data["credential"]),
        process_id=data["process_id"],
        attachment=data["credential"]["attachment"],
        source=source(information),
        client=person(information),
    )
    return answer(PasskeyAppendFinishRsp, {"passkey": passkey})


@bp.post("/passkey/login/start")
@returns(PasskeyLoginStartRsp, errors=(401, 429))
@where_passkeys_are_enabled
@body(PasskeyLoginStartReq)
def passkey_login_start(data: dict[str, Any]) -> ResponseReturnValue:
    """Begin a log-in of a user with a passkey (operationId PasskeyLoginStart).

    The options are for ``navigator.credentials.get()``. A user without a passkey gets none.
    """
    options = services().passkeys.server_login.start(
        data["user_id"], process_id=data["process_id"], client=person(data["client_information"])
    )
    return answer(PasskeyLoginStartRsp, log_in_answer(options))


@bp.post("/passkey/login/finish")
@returns(PasskeyLoginFinishRsp, errors=(401,))
@where_passkeys_are_enabled
@body(PasskeyLoginFinishReq)
def passkey_login_finish(data: dict[str, Any]) -> ResponseReturnValue:
    """Find out whether a passkey of the user has answered (operationId PasskeyLoginFinish).

    No session is made. A challenge works once, for the user and the process that began.
    """
    passkey = _finish(data, data["user_id"])
    return answer(PasskeyLoginFinishRsp, {"passkey": passkey, "token": _signed(data, passkey)})


@bp.post("/passkey/mediation/start")
@returns(PasskeyMediationStartRsp, errors=(401, 429))
@where_passkeys_are_enabled
@body(PasskeyMediationStartReq)
def passkey_mediation_start(data: dict[str, Any]) -> ResponseReturnValue:
    """Begin a log-in of whoever has a passkey here (operationId PasskeyMediationStart).

    The options are for ``navigator.credentials.get()``, with conditional mediation or without.
    """
    options = services().passkeys.server_login.start_mediation(client=person(data["client_information"]))
    return answer(PasskeyMediationStartRsp, StartAnswer(options))


@bp.post("/passkey/mediation/finish")
@returns(PasskeyMediationFinishRsp, errors=(401,))
@where_passkeys_are_enabled
@body(PasskeyMediationFinishReq)
def passkey_mediation_finish(data: dict[str, Any]) -> ResponseReturnValue:
    """Find out whose passkey has answered (operationId PasskeyMediationFinish).

    For a passkey that was deleted here there is an error in an answer that is empty otherwise.
    """
    try:
        passkey = _finish(data, None)
    except CredentialNotFound:
        return jsonify(DELETED)
    return answer(PasskeyMediationFinishRsp, {"passkey": passkey, "token": _signed(data, passkey)})


@bp.post("/passkey/verifySignedData")
@bp.post("/passkeys/verifySignedData")
@returns(PasskeyVerifySignedDataRsp, errors=(401,))
@where_passkeys_are_enabled
@body(PasskeyVerifySignedDataReq)
def passkey_verify_signed_data(data: dict[str, Any]) -> ResponseReturnValue:
    """Find out what a token of a log-in is worth, which uses it up (operationId PasskeyVerifySignedData).

    Without a username it may be anybody's. Also served at ``/passkeys/verifySignedData``.
    """
    result = services().passkeys.signed_data.verify(data["token"], username=data["username"])
    return answer(PasskeyVerifySignedDataRsp, {"result": result})


@bp.post("/passkey/postLogin")
@returns(PasskeyPostLoginRsp, errors=(401,))
@where_passkeys_are_enabled
@body(PasskeyPostLoginReq)
def passkey_post_login(data: dict[str, Any]) -> ResponseReturnValue:
    """Trade a token of a log-in for a session at the public door (operationId PasskeyPostLogin)."""
    login = services().passkeys.signed_data.log_in(data["token"], client=client())
    return answer(PasskeyPostLoginRsp, login.session)


def _attestation(credential: dict[str, Any]) -> Attestation:
    response = credential["response"]
    try:
        return Attestation.from_base64url(
            credential_id=credential["id"],
            client_data=response["client_data"],
            attestation_object=response["attestation_object"],
            transports=response["transports"] or (),
        )
    except Base64urlMalformed as error:
        raise AttestationInvalid from error


def _finish(data: dict[str, Any], user_id: UUID | None) -> PasskeyData:
    credential, response = data["credential"], data["credential"]["response"]
    try:
        assertion = Assertion.from_base64url(
            credential_id=credential["id"],
            client_data=response["client_data"],
            authenticator_data=response["authenticator_data"],
            signature=response["signature"],
            user_handle=response["user_handle"] or "",
        )
    except Base64urlMalformed as error:
        raise AssertionInvalid from error
    return services().passkeys.server_login.finish(
        user_id,
        assertion,
        process_id=data["process_id"],
        attachment=credential["attachment"],
        client=person(data["client_information"]),
    )


def _signed(data: dict[str, Any], passkey: PasskeyData) -> str | None:
    """The token, where it is asked for."""
    if not data["is_signed"]:
        return None
    is_conditional = "user_id" not in data
    return services().passkeys.signed_data.sign(passkey, is_conditional=is_conditional)
