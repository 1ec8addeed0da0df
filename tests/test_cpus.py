"""The CPUs of this process."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hanko_compat.cpus import usable_cpus

Told = Callable[..., int]


@pytest.fixture
def cpus_of(tmp_path: Path) -> Told:
    """The CPUs on a machine with eight of them, and with these files below ``/sys/fs/cgroup``."""

    def ask(memberships: str, files: dict[str, str]) -> int:
        (tmp_path / "own").write_text(memberships)
        for name, text in files.items():
            (tmp_path / "cgroup" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "cgroup" / name).write_text(text)
        return usable_cpus(
            affinity=lambda _pid: range(8), cgroups=tmp_path / "cgroup", own_cgroups=tmp_path / "own"
        )

    return ask


def test_only_cpus_that_the_process_may_use_count(tmp_path: Path) -> None:
    nowhere = {"cgroups": tmp_path, "own_cgroups": tmp_path / "none"}
    assert usable_cpus(affinity=lambda _pid: {3, 5}, count=lambda: 16, **nowhere) == 2


def test_where_the_system_does_not_tell_all_cpus_count(tmp_path: Path) -> None:
    nowhere = {"cgroups": tmp_path, "own_cgroups": tmp_path / "none"}
    assert usable_cpus(affinity=None, count=lambda: 16, **nowhere) == 16


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("max 100000\n", 8),
        ("200000 100000\n", 2),
        ("150000 100000\n", 2),
        ("25000 100000\n", 1),
        ("9000000 100000\n", 8),
        ("", 8),
    ],
)
def test_a_container_has_what_its_quota_allows(cpus_of: Told, written: str, expected: int) -> None:
    assert cpus_of("0::/\n", {"cpu.max": written}) == expected


def test_quotas_of_outer_groups_count(cpus_of: Told) -> None:
    files = {"a.slice/cpu.max": "300000 100000", "a.slice/b.service/cpu.max": "max 100000"}
    assert cpus_of("0::/a.slice/b.service\n", files) == 3


@pytest.mark.parametrize(("quota", "expected"), [("-1\n", 8), ("250000\n", 3)])
def test_version_1_has_quotas_too(cpus_of: Told, quota: str, expected: int) -> None:
    files = {"cpu/cpu.cfs_quota_us": quota, "cpu/cpu.cfs_period_us": "100000\n"}
    assert cpus_of("4:cpu,cpuacct:/docker/5f3a\n1:memory:/docker/5f3a\n0::/\n", files) == expected


def test_by_default_the_system_is_asked() -> None:
    most = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert 1 <= usable_cpus() <= (most or 1)
