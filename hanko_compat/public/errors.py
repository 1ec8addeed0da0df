"""Errors of the public door: which status each one has, and how it looks: ``{"code", "message"}``."""

from collections.abc import Iterator
from http import HTTPStatus

from flask import Response, jsonify
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from hanko_compat import errors
from hanko_compat.errors.emails import (
    AddressInvalid,
    AddressTooLong,
    EmailAlreadyAssigned,
    EmailClaimed,
)
from hanko_compat.errors.login import AuthenticationTooOld
from hanko_compat.errors.passcodes import (
    EmailIdInvalid,
    EmailNotAvailable,
    PasscodeExpired,
    PasscodeNotFound,
    PasscodeRecipientMissing,
    RecipientUnknown,
    TriesExhausted,
)
from hanko_compat.errors.passkeys import (
    AssertionInvalid,
    AttestationInvalid,
    CredentialMalformed,
    LoginChallengeUnknown,
    PasskeyLimitReached,
    PasskeyUserIdMalformed,
    PasskeyUserUnknown,
    RegistrationChallengeUnknown,
    SignCountNotGrown,
    UserHandleMalformed,
    UserVerificationMissing,
)
from hanko_compat.errors.passwords import (
    PasswordInvalid,
    PasswordTooLong,
    PasswordTooShort,
)
from hanko_compat.errors.rate_limits import RateLimited
from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.errors.tokens import TokenExpired, TokenNotFound
from hanko_compat.errors.users import (
    AccountUnknown,
)
from hanko_compat.public.fields import address_objection
from hanko_compat.public.session import take_back

STATUS: dict[type[errors.HankoCompatError], int] = {
    errors.Invalid: 400,
    errors.Unauthenticated: 401,
    errors.Denied: 403,
    errors.Disabled: 404,
    errors.NotFound: 404,
    errors.Expired: 408,
    errors.Conflict: 409,
    errors.Taken: 409,
    errors.TryLater: 503,
    # As Hanko 2.7.0 has them, unlike others of their kind:
    AccountUnknown: 401,
    EmailAlreadyAssigned: 400,
    EmailNotAvailable: 400,
    LoginChallengeUnknown: 401,
    PasscodeNotFound: 401,
    PasskeyUserUnknown: 400,
    RateLimited: 429,
    RecipientUnknown: 400,
    RegistrationChallengeUnknown: 400,
    TokenExpired: 422,
    TriesExhausted: 410,
    UserVerificationMissing: 422,
}


def status_of(error: type[errors.HankoCompatError]) -> int:
    """The status of an error: its own, or else that of its kind."""
    return next(STATUS[cls] for cls in error.__mro__ if cls in STATUS)


def render(error: errors.HankoCompatError | ValidationError | HTTPException) -> Response:
    """Answer any failure of a view."""
    if isinstance(error, ValidationError):
        return render_validation_error(error)
    return render_http_exception(error) if isinstance(error, HTTPException) else render_error(error)


def render_error(error: errors.HankoCompatError) -> Response:
    """Answer a failure that the caller caused; the message is the status in words, as the original's."""
    response = _render(status_of(type(error)), _message(error))
    if isinstance(error, errors.TryLater):
        response.headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, SessionInvalid) and error.was_idle:
        take_back(response)
    return response


def render_validation_error(error: ValidationError) -> Response:
    """Answer a body that does not fit: what is wrong with each of its members."""
    return _render(400, " and ".join(_texts(error.messages)))


def render_http_exception(error: HTTPException) -> Response:
    """Answer what flask and werkzeug refuse: unknown paths, wrong methods, broken bodies."""
    status = error.code or 500
    # A description of our own says more than the phrase; werkzeug's prose is not for clients.
    own = error.description if error.description != type(error).description else None
    response = _render(status, own or HTTPStatus(status).phrase)
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
        case AddressInvalid() | AddressTooLong():
            return address_objection("email", error)
        case PasswordTooShort(min_length=length):
            return f"password must be at least {length} characters long"
        case PasswordTooLong(max_length=length):
            return f"password must not be longer than {length} bytes"
        case EmailIdInvalid():
            return "failed to parse emailId as uuid"
        case PasscodeRecipientMissing():
            return "an emailId needs to be specified"
        case EmailNotAvailable():
            return "the specified emailId is not available"
        case PasscodeNotFound() | PasscodeExpired() | TriesExhausted():
            return error.message
        case AuthenticationTooOld() | PasswordInvalid() | EmailClaimed():
            return error.message
        case PasskeyUserUnknown():
            return "user not found"
        case RegistrationChallengeUnknown() | LoginChallengeUnknown():
            return "Stored challenge and received challenge do not match"
        case SignCountNotGrown():
            return AssertionInvalid.message
        case AttestationInvalid() | AssertionInvalid() | CredentialMalformed():
            return error.message
        case UserVerificationMissing():
            return f"{AttestationInvalid.message}: User verification required but flag not set"
        case PasskeyLimitReached() | TokenNotFound() | TokenExpired():
            return error.message
        case PasskeyUserIdMalformed() | UserHandleMalformed():
            return error.message
        case _:
            return HTTPStatus(status_of(type(error))).phrase


def _texts(messages: object) -> Iterator[str]:
    """The first text of each member in marshmallow's nested messages."""
    if isinstance(messages, dict):
        for member in messages.values():
            yield from _texts(member)
    elif isinstance(messages, list):
        yield from _texts(messages[0])
    else:
        yield str(messages)
