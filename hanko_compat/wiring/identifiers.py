"""Login identifiers."""

from hanko_compat.services.identifiers import Identifiers
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.paging import build_totals
from hanko_compat.wiring.parts import Parts


def build_identifiers(parts: Parts) -> Identifiers:
    """The login identifiers of users."""
    return Identifiers(
        parts.get(build_database),
        events=parts.get(build_events),
        totals=parts.get(build_totals),
        now=parts.now,
    )
