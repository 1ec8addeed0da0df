"""What tells operators of requests that are refused."""

from hanko_compat.services.rate_limits.refusal_log import RefusalLog
from hanko_compat.wiring.parts import Parts


def build_refusal_log(parts: Parts) -> RefusalLog:
    """The lines of this process, one a minute for each limit."""
    return RefusalLog(parts.now)
