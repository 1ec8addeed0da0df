"""Errors of the backend door: which type, status, field and message each one has, and how it looks."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import NamedTuple

from flask import Response
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from hanko_compat import backend_errors, errors
from hanko_compat.backend.envelope import FieldError, failed

VALIDATION = "validation_error"
INTERNAL = "internal_error"


class Told(NamedTuple):
    """What a caller is told: the type of the error, the status, and what is wrong with which member."""

    type: str
    status: int
    field: str | None = None
    message: str | None = None


def invalid(field: str, message: str) -> Told:
    """A member that is wrong."""
    return Told(VALIDATION, 400, field, message)


def unknown(field: str) -> Told:
    """Something that does not exist: 400 and no 404."""
    return invalid(field, "does not exist")


def taken(field: str) -> Told:
    """A value that has to be unique, and is not."""
    return Told("already_exists", 409, field, "already exists")


NO_USER, NO_CREDENTIAL = unknown("userID"), unknown("credentialID")
ADDRESS_TAKEN = taken("identifierValue")
NOT_VALID = "must be a valid value"
UNAUTHENTICATED = Told("login_error", 401)
NOT_SERVED = Told("not_found", 404)
FORBIDDEN = Told("login_error", 403)
INVALID_ATTESTATION = invalid("attestationResponse", NOT_VALID)
INVALID_ASSERTION = invalid("assertionResponse", NOT_VALID)
WRONG_CODE = invalid("value", "is not valid")

TOLD: dict[type[errors.HankoCompatError], Told] = {
    errors.AddressInvalid: invalid("identifierValue", "must be a valid email address"),
    errors.AddressTooLong: invalid("identifierValue", "the length must be no more than 254"),
    errors.SignUpDisabled: FORBIDDEN,
    errors.DeletionDisabled: NOT_SERVED,
    errors.EmailAlreadyTaken: ADDRESS_TAKEN,
    errors.UserNotFound: NO_USER,
    errors.SessionInvalid: UNAUTHENTICATED,
    errors.ForeignAccount: NO_USER,
    errors.AccountUnknown: NO_USER,
    errors.EmailLimitReached: ADDRESS_TAKEN,
    errors.EmailAlreadyAssigned: ADDRESS_TAKEN,
    errors.EmailNotFound: unknown("identifierID"),
    errors.EmailIsPrimary: invalid("identifierID", NOT_VALID),
    errors.PasswordsDisabled: NOT_SERVED,
    errors.PasswordTooShort: invalid("password", NOT_VALID),
    errors.PasswordTooLong: invalid("password", NOT_VALID),
    errors.PasswordInvalid: invalid("password", NOT_VALID),
    errors.PasswordMismatch: FORBIDDEN,
    errors.AuthenticationTooOld: FORBIDDEN,
    errors.PasscodeNotFound: unknown("challengeID"),
    errors.PasscodeExpired: WRONG_CODE,
    errors.PasscodeMismatch: WRONG_CODE,
    errors.TriesExhausted: WRONG_CODE,
    errors.RecipientUnknown: NO_USER,
    errors.EmailIdInvalid: unknown("identifierID"),
    errors.PasscodeRecipientMissing: invalid("identifierValue", NOT_VALID),
    errors.EmailNotAvailable: unknown("identifierID"),
    errors.SecondFactorRequired: FORBIDDEN,
    errors.Overloaded: Told(INTERNAL, 503),
    errors.RateLimited: Told("rate_limited", 429),
    errors.PasskeysDisabled: NOT_SERVED,
    errors.PasskeyUserUnknown: NO_USER,
    errors.PasskeyLimitReached: invalid("userID", NOT_VALID),
    errors.CredentialMalformed: INVALID_ASSERTION,
    errors.RegistrationChallengeUnknown: INVALID_ATTESTATION,
    errors.LoginChallengeUnknown: INVALID_ASSERTION,
    errors.AttestationInvalid: INVALID_ATTESTATION,
    errors.AssertionInvalid: INVALID_ASSERTION,
    errors.UserVerificationMissing: INVALID_ASSERTION,
    errors.CredentialNotFound: NO_CREDENTIAL,
    errors.DatabaseUnavailable: Told(INTERNAL, 503),
    backend_errors.UserBlocked: invalid("userID", "is not active"),
    backend_errors.ApiCredentialsInvalid: UNAUTHENTICATED,
    backend_errors.ProjectMismatch: Told("project_id_mismatch", 401),
    backend_errors.IdentifierNotFound: unknown("identifierID"),
    backend_errors.IdentifierAlreadyTaken: taken("identifierValue"),
    backend_errors.PhoneNumberInvalid: invalid("identifierValue", "must be a valid E164 number"),
    backend_errors.UsernameInvalid: invalid("identifierValue", "must be in a valid format"),
    backend_errors.WebauthnIdAlreadyTaken: taken("explicitWebauthnID"),
    backend_errors.ChallengeNotFound: unknown("challengeID"),
    backend_errors.ChallengeTypeUnavailable: invalid("challengeType", NOT_VALID),
    backend_errors.ChallengeRecipientUnknown: unknown("identifierValue"),
    backend_errors.ChallengeExpired: invalid("challengeID", "has expired"),
    backend_errors.ChallengeCompleted: invalid("challengeID", "is completed"),
    backend_errors.ChallengeMismatch: WRONG_CODE,
    backend_errors.CodeLengthWrong: invalid("value", "the length must be exactly 6"),
    backend_errors.LinkTokenLengthWrong: invalid("value", "the length must be exactly 64"),
    backend_errors.SocialAccountAlreadyTaken: taken("foreignID"),
    backend_errors.SessionNotFound: unknown("sessionID"),
    backend_errors.ConnectTokenNotFound: unknown("connectTokenID"),
    backend_errors.WebhookEndpointNotFound: unknown("webhookEndpointID"),
    backend_errors.PasskeyChallengeNotFound: unknown("passkeyChallengeID"),
    backend_errors.PasskeyChallengeFinished: invalid("status", NOT_VALID),
    backend_errors.PasskeyEventNotFound: unknown("passkeyEventID"),
    backend_errors.PasskeyDataRefused: invalid("signedPasskeyData", NOT_VALID),
}

HTTP_TYPES = {
    401: "login_error",
    403: "login_error",
    404: "not_found",
    405: "method_not_allowed",
    413: VALIDATION,
    429: "rate_limited",
}
"""The types of what flask and werkzeug refuse; other bodies that can't be read are ``invalid_json``."""


def render_error(error: errors.HankoCompatError) -> Response:
    """Answer a failure that the caller caused."""
    told = TOLD[type(error)]
    validation = [FieldError(told.field, told.message)] if told.field and told.message else []
    response = _failed(told.status, told.type, validation)
    if isinstance(error, errors.RateLimited | errors.DatabaseUnavailable | errors.Overloaded):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def render_validation_error(error: ValidationError) -> Response:
    """Answer members that don't fit, all of them at once."""
    return _failed(400, VALIDATION, list(_field_errors(error.messages)))


def render_http_exception(error: HTTPException) -> Response:
    """Answer what flask and werkzeug refuse: unknown paths, wrong methods, broken bodies."""
    status = error.code or 500
    type_ = HTTP_TYPES.get(status, "invalid_json" if status < 500 else INTERNAL)
    response = _failed(status, type_)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _failed(status: int, type_: str, validation: list[FieldError] | None = None) -> Response:
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
