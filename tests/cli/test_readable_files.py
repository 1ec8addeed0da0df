from pathlib import Path

import pytest

from hanko_compat.cli.checks import Level
from hanko_compat.cli.readable_files import of_file


@pytest.mark.parametrize(("mode", "is_told"), [(0o600, False), (0o640, False), (0o644, True), (0o604, True)])
def test_a_file_that_everybody_may_read_is_named(tmp_path: Path, mode: int, is_told: bool) -> None:
    file = tmp_path / "config.yaml"
    file.touch()
    file.chmod(mode)

    found = list(of_file(file))

    assert [finding.level for finding in found] == [Level.WARNING] * is_told
    assert all(f"chmod 640 {file}" in finding.text for finding in found)


@pytest.mark.parametrize("name", [None, "missing.yaml"])
def test_no_file_has_no_fault(tmp_path: Path, name: str | None) -> None:
    assert list(of_file(None if name is None else tmp_path / name)) == []
