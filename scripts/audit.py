"""Look for published advisories about what both locks pin, and the oldest versions that setup.cfg allows.

pip-audit asks PyPI. Where PyPI, or a mirror in its place, has no advisories to give, pip-audit skips each
package and finds nothing; that is no result, and this says so. The exit code is 1 for advisories only.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[1]
LOCKS = (ROOT / "requirements.lock", ROOT / "requirements-dev.lock")
TIMEOUT = 600  # seconds for one list
FLOOR = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[\w,-]+\])? *>= *(?P<version>[0-9.]+)")


@dataclass(frozen=True, slots=True)
class Audit:
    """What pip-audit says of one list; without *audited* packages it says nothing."""

    audited: int
    skipped: tuple[str, ...]
    advisories: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """One line for people."""
        if self.advisories:
            return f"{len(self.advisories)} advisories"
        if not self.audited:
            return "NOT AUDITED: no advisories can be had here (offline, or behind a mirror without them)"
        left = f"; NOT AUDITED: {', '.join(self.skipped)}" if self.skipped else ""
        return f"no advisory about {self.audited} packages{left}"


def read(report: str) -> Audit:
    """Read pip-audit's JSON; anything else is a failure to ask."""
    try:
        found: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        found = []
    asked = [each for each in found if "skip_reason" not in each]
    advisories = (
        f"{each['name']} {each['version']}: {advisory['id']}, mended in "
        f"{', '.join(advisory['fix_versions']) or 'no version'}"
        for each in asked
        for advisory in each["vulns"]
    )
    skipped = tuple(each["name"] for each in found if "skip_reason" in each)
    return Audit(len(asked), skipped, tuple(advisories))


def floors(setup: str) -> Iterator[str]:
    """The oldest version that each requirement in the text of a setup.cfg allows, as a pin.

    Raises:
        ValueError: a requirement has no oldest version.
    """
    parser = ConfigParser(interpolation=None)
    parser.read_string(setup)
    lists = [parser["options"]["install_requires"], *parser["options.extras_require"].values()]
    for line in "\n".join(lists).split("\n"):
        if line.strip():
            match = FLOOR.match(line.strip())
            if match is None:
                raise ValueError(f"{line.strip()}: no oldest version (>=)")
            yield f"{match['name']}=={match['version']}"


def audit(requirements: Path, *options: str) -> Audit:
    """Ask about a list of pinned packages."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--disable-pip",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    try:
        answer = subprocess.run(  # noqa: S603 - our own words
            [*command, *options, "--requirement", requirements],
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return read("")
    return read(answer.stdout)


def main() -> int:
    """Audit each list, print what was found, and return the exit code."""
    with TemporaryDirectory() as folder:
        oldest = Path(folder) / "oldest.txt"
        oldest.write_text("\n".join(floors((ROOT / "setup.cfg").read_text(encoding="utf-8"))) + "\n")
        audits = {lock.name: audit(lock) for lock in LOCKS}
        audits["oldest versions of setup.cfg"] = audit(oldest, "--no-deps")
    for name, result in audits.items():
        print("\n  ".join([f"{name}: {result.verdict}", *result.advisories]))  # noqa: T201 - a command
    return 1 if any(result.advisories for result in audits.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
