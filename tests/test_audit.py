"""``make audit``: advisories are named, and not being able to ask is no clean bill."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from scripts.audit import LOCKS, ROOT, Audit, audit, floors, read

GOOD = {"name": "good", "version": "2", "vulns": []}
BAD = {
    "name": "bad",
    "version": "1",
    "vulns": [
        {"id": "PYSEC-1", "fix_versions": ["1.1", "2.0"], "aliases": [], "description": ""},
        {"id": "PYSEC-2", "fix_versions": [], "aliases": [], "description": ""},
    ],
}
SKIPPED = {
    "name": "unknown",
    "skip_reason": "Dependency not found on PyPI and could not be audited: unknown (1)",
}


def report(*dependencies: dict[str, Any]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (report(GOOD), "no advisory about 1 packages"),
        (report(GOOD, SKIPPED), "no advisory about 1 packages; NOT AUDITED: unknown"),
        (report(GOOD, BAD), "2 advisories"),
        *(
            (text, "NOT AUDITED: no advisories can be had here (offline, or behind a mirror without them)")
            for text in (report(SKIPPED), report(), "", "Traceback")
        ),
    ],
)
def test_what_is_said(text: str, verdict: str) -> None:
    assert read(text).verdict == verdict


def test_each_advisory_is_named_with_its_remedy() -> None:
    assert read(report(GOOD, BAD)).advisories == (
        "bad 1: PYSEC-1, mended in 1.1, 2.0",
        "bad 1: PYSEC-2, mended in no version",
    )


def test_offline_nothing_is_audited(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With pip-audit itself, and nobody behind the proxy that it has to use."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    pins = tmp_path / "pins.txt"
    pins.write_text("flask==3.1.3\n")
    assert audit(pins, "--no-deps") == Audit(0, (), ())


def test_every_requirement_has_an_oldest_version_that_is_not_newer_than_the_one_that_is_tested() -> None:
    *_, development = LOCKS
    tested = dict(re.findall(r"(?m)^([a-z0-9-]+)==([0-9.]+)", development.read_text(encoding="utf-8")))
    oldest = dict(pin.split("==") for pin in floors((ROOT / "setup.cfg").read_text(encoding="utf-8")))
    assert len(oldest) > 30
    for name, version in oldest.items():
        assert numbers(version) <= numbers(tested[name.lower()]), name


def test_a_requirement_without_an_oldest_version_is_found() -> None:
    setup = "[options]\ninstall_requires =\n    flask\n[options.extras_require]\n"
    with pytest.raises(ValueError, match="flask: no oldest version"):
        [*floors(setup)]


@pytest.mark.parametrize(
    ("name", "mended"),
    [
        # Advisories about what strangers reach, and the version that each is mended in.
        ("aiosmtpd", "1.4.6"),  # CVE-2024-34083
        ("cryptography", "46.0.7"),  # CVE-2026-39892
        ("flask", "3.1.3"),  # CVE-2026-27205
        ("gunicorn", "27.0.0"),  # CVE-2026-134820
        ("idna", "3.7"),  # CVE-2024-3651
        ("jinja2", "3.1.6"),  # CVE-2025-27516
        ("marshmallow", "4.1.2"),  # CVE-2025-68480
        ("pyjwt", "2.12.0"),  # CVE-2026-32597
        ("pymysql", "1.1.1"),  # CVE-2024-36039
        ("pytest", "9.0.3"),  # CVE-2025-71176
        ("setuptools", "78.1.1"),  # CVE-2025-47273
        ("werkzeug", "3.1.6"),  # CVE-2026-27199
    ],
)
def test_no_version_with_a_known_advisory_is_allowed(name: str, mended: str) -> None:
    oldest = dict(pin.split("==") for pin in floors((ROOT / "setup.cfg").read_text(encoding="utf-8")))
    assert numbers(oldest[name]) >= numbers(mended)


def numbers(version: str) -> tuple[int, ...]:
    parts = [int(part) for part in version.split(".")]
    return tuple(parts + [0] * (4 - len(parts)))
