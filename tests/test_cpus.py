"""The CPUs of this process."""

import os

from hanko_compat.cpus import usable_cpus


def test_only_cpus_that_the_process_may_use_count(monkeypatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {3, 5})
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    assert usable_cpus() == 2


def test_where_the_system_does_not_tell_all_cpus_count(monkeypatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    assert usable_cpus() == 16
