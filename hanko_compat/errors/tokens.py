"""One-time tokens, by which a log-in at another provider becomes a session."""

from hanko_compat.errors import Expired, NotFound


class TokenNotFound(NotFound):
    """No such token, or it was exchanged already."""

    message = "token not found"
    about = "value"


class TokenExpired(Expired):
    """More than a minute has passed since the log-in."""

    message = "token has expired"
    about = "value"
