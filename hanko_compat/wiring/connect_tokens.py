"""Connect tokens."""

from hanko_compat.services.connect_tokens import ConnectTokens
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.paging import build_totals
from hanko_compat.wiring.parts import Parts


def build_connect_tokens(parts: Parts) -> ConnectTokens:
    """The connect tokens of servers."""
    return ConnectTokens(parts.get(build_database), totals=parts.get(build_totals), now=parts.now)
