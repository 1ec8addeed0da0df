"""Rate limits."""

from hanko_compat.errors import TryLater


class RateLimited(TryLater):
    """Too often in too short a time."""

    message = "rate limit exceeded"
