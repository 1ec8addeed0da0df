"""Sessions and their tokens."""

from hanko_compat.errors import NotFound, OperatorError, Unauthenticated


class SessionInvalid(Unauthenticated):
    """No token, or one that is forged, expired, idle for too long or revoked."""

    message = "no valid session"


class SessionNotFound(NotFound):
    """No such session; one that was ended leaves nothing."""

    message = "no such session"
    about = "session_id"


class ClaimTemplateInvalid(OperatorError):
    """A template in ``session.jwt_template.claims`` that can't be read or rendered."""


class SessionTokenUnsigned(OperatorError):
    """The signing key is none that Corbado's SDKs take."""
