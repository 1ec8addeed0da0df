"""What counts as the end of a log-in, and as a new user, among all that happens."""

from typing import Protocol

from hanko_compat.services.events import Event, EventType

ENDS = {
    EventType.PASSWORD_LOGIN_SUCCEEDED: ("password", True),
    EventType.PASSWORD_LOGIN_FAILED: ("password", False),
    EventType.PASSCODE_LOGIN_FINAL_SUCCEEDED: ("passcode", True),
    EventType.PASSCODE_LOGIN_FINAL_FAILED: ("passcode", False),
    EventType.WEBAUTHN_AUTHENTICATION_FINAL_SUCCEEDED: ("passkey", True),
    EventType.WEBAUTHN_AUTHENTICATION_FINAL_FAILED: ("passkey", False),
    # OAuth, OpenID Connect and SAML end with a one-time token, for which there is a session.
    EventType.TOKEN_EXCHANGE_SUCCEEDED: ("third_party", True),
    EventType.TOKEN_EXCHANGE_FAILED: ("third_party", False),
    EventType.THIRDPARTY_SIGNIN_SIGNUP_FAILED: ("third_party", False),
}
"""By the event that ends a log-in: what it was made with, and whether it succeeded."""
SIGN_UPS = {
    EventType.USER_CREATED: "direct",
    EventType.THIRDPARTY_SIGNUP_SUCCEEDED: "third_party",
}
"""By the event that tells of a new user: how he came."""


class Counts(Protocol):
    """What is told of outcomes."""

    def count_log_in(self, method: str, *, succeeded: bool) -> None:
        """Count a log-in that ended."""

    def count_sign_up(self, method: str) -> None:
        """Count a new user."""


class Outcomes:
    """A listener that has log-ins and new users counted."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def __call__(self, event: Event) -> None:
        """Count what *event* is the end of."""
        if event.type in ENDS:
            method, succeeded = ENDS[event.type]
            self._counts.count_log_in(method, succeeded=succeeded)
        elif event.type in SIGN_UPS:
            self._counts.count_sign_up(SIGN_UPS[event.type])
