"""The CPUs of this process."""

import os

from hanko_compat.cpus import usable_cpus


def test_only_cpus_that_the_process_may_use_count() -> None:
    assert usable_cpus(affinity=lambda _pid: {3, 5}, count=lambda: 16) == 2


def test_where_the_system_does_not_tell_all_cpus_count() -> None:
    assert usable_cpus(affinity=None, count=lambda: 16) == 16


def test_by_default_the_system_is_asked() -> None:
    expected = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert usable_cpus() == expected
