"""Errors of the public door: which status each one has, and how it looks: ``{"code", "message"}``."""

from http import HTTPStatus

from flask import Response, jsonify
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from hanko_compat import errors

STATUS: dict[type[errors.HankoCompatError], int] = {
    errors.AddressInvalid: 400,
    errors.AddressTooLong: 400,
    errors.SignUpDisabled: 403,
    errors.DeletionDisabled: 404,
    errors.EmailAlreadyTaken: 409,
    errors.UserNotFound: 404,
    errors.SessionInvalid: 401,
    errors.ForeignAccount: 403,
    errors.SecondFactorRequired: 403,
    errors.PasskeysDisabled: 404,
    errors.PasskeyUserUnknown: 400,
    errors.PasskeyLimitReached: 409,
    errors.CredentialMalformed: 400,
    errors.RegistrationChallengeUnknown: 400,
    errors.LoginChallengeUnknown: 401,
    errors.AttestationInvalid: 400,
    errors.AssertionInvalid: 401,
    errors.UserVerificationMissing: 422,
    errors.CredentialNotFound: 404,
    errors.DatabaseUnavailable: 503,
}


def render_error(error: errors.HankoCompatError) -> Response:
    """Answer a failure that the caller caused; the message is the status in words, as the original's."""
    response = _render(STATUS[type(error)], _message(error))
    if isinstance(error, errors.DatabaseUnavailable):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def render_validation_error(error: ValidationError) -> Response:
    """Answer a body that does not fit: the first thing that is wrong with it."""
    return _render(400, _first(error.messages))


def render_http_exception(error: HTTPException) -> Response:
    """Answer what flask and werkzeug refuse: unknown paths, wrong methods, broken bodies."""
    status = error.code or 500
    # A description of our own says more than the phrase; werkzeug's prose is not for clients.
    told = error.description if error.description != type(error).description else None
    response = _render(status, told or HTTPStatus(status).phrase)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _render(status: int, message: str) -> Response:
    response = jsonify(code=status, message=message)
    response.status_code = status
    return response


def _message(error: errors.HankoCompatError) -> str:
    match error:
        case errors.AddressInvalid():
            return "email must be a valid email address"
        case errors.AddressTooLong(max_length=length):
            return f"email must be a maximum of {length} characters in length"
        case errors.PasskeyUserUnknown():
            return "user not found"
        case errors.RegistrationChallengeUnknown() | errors.LoginChallengeUnknown():
            return "Stored challenge and received challenge do not match"
        case errors.AttestationInvalid() | errors.AssertionInvalid() | errors.CredentialMalformed():
            return error.message
        case errors.UserVerificationMissing() | errors.PasskeyLimitReached():
            return error.message
        case _:
            return HTTPStatus(STATUS[type(error)]).phrase


def _first(messages: object) -> str:
    """The first text of marshmallow's nested messages."""
    while isinstance(messages, dict | list):
        messages = next(iter(messages.values() if isinstance(messages, dict) else messages))
    return str(messages)
