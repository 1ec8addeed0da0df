"""What is measured for Prometheus."""

from hanko_compat.services.measuring import Measuring
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.hashing import build_hasher
from hanko_compat.wiring.metrics import build_metrics
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.queue import build_queue


def build_measuring(parts: Parts) -> Measuring:
    """What measures this process and the queues; nothing does before it is started."""
    return Measuring(
        parts.get(build_metrics).gauges,
        hasher=parts.get(build_hasher),
        database=parts.get(build_database),
        queue=parts.get(build_queue),
    )
