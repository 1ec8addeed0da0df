"""Errors of the public door: which status each one has, and how it looks: ``{"code", "message"}``."""

from collections.abc import Iterator
from http import HTTPStatus

from flask import Response, jsonify
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from hanko_compat import backend_errors, errors

STATUS: dict[type[errors.HankoCompatError], int] = {
    errors.AddressInvalid: 400,
    errors.AddressTooLong: 400,
    errors.SignUpDisabled: 403,
    errors.DeletionDisabled: 404,
    errors.EmailAlreadyTaken: 409,
    errors.UserNotFound: 404,
    errors.SessionInvalid: 401,
    errors.ForeignAccount: 403,
    errors.AccountUnknown: 401,
    errors.EmailLimitReached: 409,
    errors.EmailAlreadyAssigned: 400,
    errors.EmailNotFound: 404,
    errors.EmailIsPrimary: 409,
    errors.PasswordsDisabled: 404,
    errors.PasswordTooShort: 400,
    errors.PasswordTooLong: 400,
    errors.PasswordInvalid: 400,
    errors.PasswordMismatch: 401,
    errors.AuthenticationTooOld: 403,
    errors.PasscodeNotFound: 401,
    errors.PasscodeExpired: 408,
    errors.PasscodeMismatch: 401,
    errors.TriesExhausted: 410,
    errors.RecipientUnknown: 400,
    errors.EmailIdInvalid: 400,
    errors.PasscodeRecipientMissing: 400,
    errors.EmailNotAvailable: 400,
    errors.SecondFactorRequired: 403,
    errors.Overloaded: 503,
    errors.RateLimited: 429,
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
    backend_errors.UserBlocked: 403,
    backend_errors.ApiCredentialsInvalid: 401,
    backend_errors.ProjectMismatch: 401,
    backend_errors.IdentifierNotFound: 404,
    backend_errors.IdentifierAlreadyTaken: 409,
    backend_errors.PhoneNumberInvalid: 400,
    backend_errors.UsernameInvalid: 400,
    backend_errors.WebauthnIdAlreadyTaken: 409,
    backend_errors.ChallengeNotFound: 404,
    backend_errors.ChallengeTypeUnavailable: 400,
    backend_errors.ChallengeRecipientUnknown: 400,
    backend_errors.ChallengeExpired: 408,
    backend_errors.ChallengeCompleted: 409,
    backend_errors.ChallengeMismatch: 401,
    backend_errors.CodeLengthWrong: 400,
    backend_errors.LinkTokenLengthWrong: 400,
    backend_errors.SocialAccountAlreadyTaken: 409,
    backend_errors.SessionNotFound: 404,
    backend_errors.ConnectTokenNotFound: 404,
    backend_errors.WebhookEndpointNotFound: 404,
    backend_errors.PasskeyChallengeNotFound: 404,
    backend_errors.PasskeyChallengeFinished: 400,
    backend_errors.PasskeyEventNotFound: 404,
    backend_errors.PasskeyDataRefused: 400,
}


def render_error(error: errors.HankoCompatError) -> Response:
    """Answer a failure that the caller caused; the message is the status in words, as the original's."""
    response = _render(STATUS[type(error)], _message(error))
    if isinstance(error, errors.RateLimited | errors.DatabaseUnavailable | errors.Overloaded):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def render_validation_error(error: ValidationError) -> Response:
    """Answer a body that does not fit: what is wrong with each of its members."""
    return _render(400, " and ".join(_texts(error.messages)))


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
        case errors.PasswordTooShort(min_length=length):
            return f"password must be at least {length} characters long"
        case errors.PasswordTooLong(max_length=length):
            return f"password must not be longer than {length} bytes"
        case errors.EmailIdInvalid():
            return "failed to parse emailId as uuid"
        case errors.PasscodeRecipientMissing():
            return "an emailId needs to be specified"
        case errors.EmailNotAvailable():
            return "the specified emailId is not available"
        case errors.PasscodeNotFound() | errors.PasscodeExpired() | errors.TriesExhausted():
            return error.message
        case errors.AuthenticationTooOld() | errors.PasswordInvalid():
            return error.message
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


def _texts(messages: object) -> Iterator[str]:
    """The first text of each member in marshmallow's nested messages."""
    if isinstance(messages, dict):
        for member in messages.values():
            yield from _texts(member)
    elif isinstance(messages, list):
        yield from _texts(messages[0])
    else:
        yield str(messages)
