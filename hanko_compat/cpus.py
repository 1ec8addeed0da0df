"""How much this process can compute at the same time."""

import math
import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

Affinity = Callable[[int], Collection[int]]
"""Says which CPUs a process may run on; 0 is the process that asks."""

AFFINITY: Affinity | None = getattr(os, "sched_getaffinity", None)
CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUPS = Path("/proc/self/cgroup")


def usable_cpus(
    *,
    affinity: Affinity | None = AFFINITY,
    count: Callable[[], int | None] = os.cpu_count,
    cgroups: Path = CGROUPS,
    own_cgroups: Path = OWN_CGROUPS,
) -> int:
    """How many CPUs this process may run on, where the system tells by *affinity*; else their *count*.

    A quota of time, as containers have one, allows fewer: 1.5 CPUs count as two, of which the second is idle
    for half of the time. *cgroups* and *own_cgroups* are where Linux tells it.
    """
    cpus = len(affinity(0)) if affinity is not None else count() or 1
    quotas = [math.ceil(quota) for quota in _quotas(cgroups, own_cgroups)]
    return max(1, min([cpus, *quotas]))


def _quotas(cgroups: Path, own_cgroups: Path) -> Iterator[float]:
    """CPUs' worth of time that each control group may take in which this process is (cgroups(7))."""
    for controllers, path in _memberships(own_cgroups):
        if not controllers:  # version 2
            root, read = cgroups, _cpu_max
        elif "cpu" in controllers.split(","):  # version 1
            root, read = cgroups / "cpu", _cfs_quota
        else:
            continue
        own = root / path.lstrip("/")
        # Each limits those below it. In a container a path may be the host's, of which only the root is here.
        for folder in (own, *own.parents):
            if not folder.is_relative_to(root):
                break
            try:
                quota = read(folder)
            except (OSError, ValueError):
                continue
            if quota is not None:
                yield quota


def _memberships(own_cgroups: Path) -> list[tuple[str, str]]:
    """The control groups of this process: controllers, "" for version 2, and the path."""
    try:
        lines = own_cgroups.read_text().splitlines()
    except OSError:
        return []
    return [(controllers, path) for _, controllers, path in (line.split(":", 2) for line in lines)]


def _cpu_max(folder: Path) -> float | None:
    quota, period = (folder / "cpu.max").read_text().split()
    return None if quota == "max" else int(quota) / int(period)


def _cfs_quota(folder: Path) -> float | None:
    quota = int((folder / "cpu.cfs_quota_us").read_text())
    period = int((folder / "cpu.cfs_period_us").read_text())
    return None if quota < 0 else quota / period
