"""How much this process can compute at the same time."""

import os
from collections.abc import Callable, Collection

Affinity = Callable[[int], Collection[int]]
"""Says which CPUs a process may run on; 0 is the process that asks."""

AFFINITY: Affinity | None = getattr(os, "sched_getaffinity", None)


def usable_cpus(
    *, affinity: Affinity | None = AFFINITY, count: Callable[[], int | None] = os.cpu_count
) -> int:
    """How many CPUs this process may run on, where the system tells by *affinity*; else their *count*."""
    if affinity is not None:
        return len(affinity(0))
    return count() or 1
