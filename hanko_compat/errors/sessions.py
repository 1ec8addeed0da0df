"""Sessions and their tokens."""

from hanko_compat.errors import Disabled, NotFound, OperatorError, Unauthenticated


class SessionInvalid(Unauthenticated):
    """No token, or one that is forged, expired, idle for too long or revoked."""

    message = "no valid session"

    def __init__(self, *, was_idle: bool = False) -> None:
        """*was_idle*: it has ended just now, as it was not used for ``session.idle_timeout``."""
        super().__init__()
        self.was_idle = was_idle


class SessionNotFound(NotFound):
    """No such session; one that was ended leaves nothing."""

    message = "no such session"
    about = "session_id"


class SessionListDisabled(Disabled):
    """``session.show_on_profile`` is off."""

    message = "users can't see their sessions"


class SessionEndDisabled(Disabled):
    """``session.allow_revocation`` is off."""

    message = "users can't end their sessions but by a log-out"


class ClaimTemplateInvalid(OperatorError):
    """A template in ``session.jwt_template.claims`` that can't be read or rendered."""


class SessionTokenUnsigned(OperatorError):
    """The signing key is none that Corbado's SDKs take."""
