"""What every log-in may be refused for."""

from hanko_compat.errors import Denied


class SecondFactorRequired(Denied):
    """The user has a second factor, and one alone is not enough."""

    message = "a second factor is required"


class AuthenticationTooOld(Denied):
    """The log-in is too long ago for what is asked."""

    message = "log in again first"
