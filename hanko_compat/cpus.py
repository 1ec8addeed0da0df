"""How much this process can compute at the same time."""

import os


def usable_cpus() -> int:
    """How many CPUs this process may run on, where the system tells; else how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
