"""Tells callers what they have left: ``X-RateLimit-*`` on each answer of a limited endpoint."""

from werkzeug.datastructures import Headers

from hanko_compat.services.rate_limits.rate_limits import announced

RATE_LIMIT_HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


def begin() -> None:
    """Forget what another request of this thread had to tell."""
    announced.set(None)


def write(headers: Headers) -> None:
    """Add what a limit announced during the request, be it answered well or not."""
    quota = announced.get()
    if quota is not None:
        values = (quota.limit, quota.remaining, quota.reset_after)
        for name, value in zip(RATE_LIMIT_HEADERS, values, strict=True):
            headers[name] = str(value)
