"""Errors of the backend door: which type, status, field and message each one has, and how it looks."""

from collections.abc import Iterator
from enum import StrEnum
from http import HTTPStatus
from typing import NamedTuple

from flask import Response
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from hanko_compat import errors
from hanko_compat.backend.envelope import FieldError, failed
from hanko_compat.errors.api_secrets import ProjectMismatch
from hanko_compat.errors.challenges import (
    ChallengeCompleted,
    ChallengeMismatch,
    CodeLengthWrong,
    LinkTokenLengthWrong,
)
from hanko_compat.errors.emails import (
    AddressInvalid,
    AddressTooLong,
)
from hanko_compat.errors.identifiers import PhoneNumberInvalid, UsernameInvalid
from hanko_compat.errors.passkeys import (
    AssertionInvalid,
    LoginChallengeUnknown,
    RegistrationChallengeUnknown,
    UserVerificationMissing,
)
from hanko_compat.errors.rate_limits import RateLimited
from hanko_compat.errors.users import UserBlocked


class ErrorType(StrEnum):
    """The kinds of errors that SDKs know."""

    VALIDATION = "validation_error"
    ALREADY_EXISTS = "already_exists"
    LOGIN = "login_error"
    PROJECT_MISMATCH = "project_id_mismatch"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    INVALID_JSON = "invalid_json"
    RATE_LIMITED = "rate_limited"
    INTERNAL = "internal_error"


class ErrorAnswer(NamedTuple):
    """The type of an error, its status, and what is wrong with the member at fault, if one is."""

    type: ErrorType
    status: int
    message: str | None = None


INVALID = ErrorAnswer(ErrorType.VALIDATION, 400, "must be a valid value")

ANSWERS: dict[type[errors.HankoCompatError], ErrorAnswer] = {
    errors.Invalid: INVALID,
    errors.Unauthenticated: ErrorAnswer(ErrorType.LOGIN, 401),
    errors.Denied: ErrorAnswer(ErrorType.LOGIN, 403),
    errors.Disabled: ErrorAnswer(ErrorType.NOT_FOUND, 404),
    errors.NotFound: ErrorAnswer(ErrorType.VALIDATION, 400, "does not exist"),
    errors.Conflict: INVALID,
    errors.Taken: ErrorAnswer(ErrorType.ALREADY_EXISTS, 409, "already exists"),
    errors.Expired: ErrorAnswer(ErrorType.VALIDATION, 400, "has expired"),
    errors.TryLater: ErrorAnswer(ErrorType.INTERNAL, 503),
    # Unlike others of their kind:
    AddressInvalid: ErrorAnswer(ErrorType.VALIDATION, 400, "must be a valid email address"),
    AddressTooLong: ErrorAnswer(ErrorType.VALIDATION, 400, "the length must be no more than 254"),
    AssertionInvalid: INVALID,
    ChallengeCompleted: ErrorAnswer(ErrorType.VALIDATION, 400, "is completed"),
    ChallengeMismatch: ErrorAnswer(ErrorType.VALIDATION, 400, "is not valid"),
    CodeLengthWrong: ErrorAnswer(ErrorType.VALIDATION, 400, "the length must be exactly 6"),
    LinkTokenLengthWrong: ErrorAnswer(ErrorType.VALIDATION, 400, "the length must be exactly 64"),
    LoginChallengeUnknown: INVALID,
    PhoneNumberInvalid: ErrorAnswer(ErrorType.VALIDATION, 400, "must be a valid E164 number"),
    ProjectMismatch: ErrorAnswer(ErrorType.PROJECT_MISMATCH, 401),
    RateLimited: ErrorAnswer(ErrorType.RATE_LIMITED, 429),
    RegistrationChallengeUnknown: INVALID,
    UserBlocked: ErrorAnswer(ErrorType.VALIDATION, 400, "is not active"),
    UsernameInvalid: ErrorAnswer(ErrorType.VALIDATION, 400, "must be in a valid format"),
    UserVerificationMissing: INVALID,
}

MEMBERS = {
    "code": "value",
    "email": "identifierValue",
    "email_id": "identifierID",
    "passcode_id": "challengeID",
}
"""What this door calls a value at fault where it is not the same name in camel case."""

HTTP_TYPES = {
    401: ErrorType.LOGIN,
    403: ErrorType.LOGIN,
    404: ErrorType.NOT_FOUND,
    405: ErrorType.METHOD_NOT_ALLOWED,
    408: ErrorType.VALIDATION,
    413: ErrorType.VALIDATION,
    414: ErrorType.VALIDATION,
    429: ErrorType.RATE_LIMITED,
    431: ErrorType.VALIDATION,
}
"""The types of what flask and werkzeug refuse; other bodies that can't be read are ``invalid_json``."""


def answer_of(error: type[errors.HankoCompatError]) -> ErrorAnswer:
    """What an error is answered with: its own answer, or else that of its kind."""
    return next(ANSWERS[cls] for cls in error.__mro__ if cls in ANSWERS)


def member_of(error: type[errors.HankoCompatError]) -> str:
    """What this door calls the value at fault; "" where there is none."""
    return MEMBERS.get(error.about) or _camel_case(error.about)


def render_error(error: errors.HankoCompatError) -> Response:
    """Answer a failure that the caller caused."""
    answer = answer_of(type(error))
    validation = [FieldError(member_of(type(error)), answer.message)] if answer.message else []
    response = _failed(answer.status, answer.type, validation)
    if isinstance(error, errors.TryLater):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join("ID" if word == "id" else word.capitalize() for word in others)


def render_validation_error(error: ValidationError) -> Response:
    """Answer members that don't fit, all of them at once."""
    return _failed(400, ErrorType.VALIDATION, list(_field_errors(error.messages)))


def render_http_exception(error: HTTPException) -> Response:
    """Answer what flask and werkzeug refuse: unknown paths, wrong methods, broken bodies."""
    status = error.code or 500
    type_ = HTTP_TYPES.get(status, ErrorType.INVALID_JSON if status < 500 else ErrorType.INTERNAL)
    response = _failed(status, type_)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _failed(status: int, type_: ErrorType, validation: list[FieldError] | None = None) -> Response:
    response = failed(
        status=status, message=HTTPStatus(status).phrase, type_=type_, validation=validation or ()
    )
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="backend", charset="UTF-8"'  # RFC 7617 s. 2
    return response


def _field_errors(messages: object, path: tuple[str, ...] = ()) -> Iterator[FieldError]:
    """The first text for each member in marshmallow's nested messages: ``clientInformation.userAgent``."""
    if isinstance(messages, dict):
        for name, member in messages.items():
            inner = () if name in ("_schema", "value") and path else (str(name),)
            yield from _field_errors(member, path + inner)
    elif isinstance(messages, list):
        yield FieldError(".".join(path) or "body", str(messages[0]))
