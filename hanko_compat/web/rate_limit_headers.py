"""``X-RateLimit-*`` on each answer of a limited endpoint: how much of the limit is left."""

from werkzeug.datastructures import Headers

from hanko_compat.services.rate_limits.rate_limits import announced

RATE_LIMIT_HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


def begin() -> None:
    """Clear what an earlier request of this thread announced."""
    announced.set(None)


def write(headers: Headers) -> None:
    """Add what a limit announced during the request, whether it failed or not."""
    quota = announced.get()
    if quota is not None:
        values = (quota.limit, quota.remaining, quota.reset_after)
        for name, value in zip(RATE_LIMIT_HEADERS, values, strict=True):
            headers[name] = str(value)
