"""Totals of long lists."""

from hanko_compat.services.paging import Totals
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.parts import Parts


def build_totals(parts: Parts) -> Totals:
    """What counts the rows of lists, for all lists."""
    return Totals(parts.get(build_database), now=parts.now)
