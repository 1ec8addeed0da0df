"""Lanes of the table ``hanko_compat_deliveries``: what is delivered one after the other."""

from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import Delivery

_LAST = Statement(
    lambda: (
        Delivery.select(Delivery.turn)
        .where(Delivery.lane == argument("lane", Delivery.lane))
        .order_by(Delivery.turn.desc())
        .limit(1)
    ),
)


def last_turn(lane: str) -> int:
    """The turn of the last row that waits in *lane*; 0 when none does."""
    last = _LAST.first(lane=lane)
    return 0 if last is None else int(last.turn)
