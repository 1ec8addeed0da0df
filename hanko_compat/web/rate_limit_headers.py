"""Tells callers what they have left: ``X-RateLimit-*`` on each answer of a limited endpoint."""

from werkzeug.datastructures import Headers

from hanko_compat.services.rate_limits import announced


def begin() -> None:
    """Forget what another request of this thread had to tell."""
    announced.set(None)


def write(headers: Headers) -> None:
    """Add what a limit announced during the request, be it answered well or not."""
    quota = announced.get()
    if quota is not None:
        headers["X-RateLimit-Limit"] = str(quota.limit)
        headers["X-RateLimit-Remaining"] = str(quota.remaining)
        headers["X-RateLimit-Reset"] = str(quota.reset_after)
