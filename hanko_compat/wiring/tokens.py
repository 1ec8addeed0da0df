"""One-time tokens of log-ins at other providers."""

from hanko_compat.services.tokens import Tokens
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.login import build_login
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.rate_limits import build_rate_limits


def build_tokens(parts: Parts) -> Tokens:
    """What exchanges them."""
    return Tokens(
        parts.get(build_database),
        login=parts.get(build_login),
        events=parts.get(build_events),
        rate_limits=parts.get(build_rate_limits),
        now=parts.now,
    )
