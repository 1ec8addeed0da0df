"""Files that are being written: nobody else's, and gone with whoever wrote them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hanko_compat import unfinished_files
from hanko_compat.unfinished_files import remains_of, remove, unfinished

PREFIX = ".file-"


def test_a_file_is_its_owners_and_gone_at_the_end(tmp_path: Path) -> None:
    with unfinished(tmp_path, prefix=PREFIX) as (path, descriptor):
        assert path.stat().st_mode & 0o777 == 0o600
        assert os.fstat(descriptor).st_ino == path.stat().st_ino
    assert [*tmp_path.iterdir()] == []


def test_one_that_has_got_its_name_stays(tmp_path: Path) -> None:
    with unfinished(tmp_path, prefix=PREFIX) as (path, _):
        path.rename(tmp_path / "file")
    assert [*tmp_path.iterdir()] == [tmp_path / "file"]


def test_one_that_is_being_written_is_not_removed(tmp_path: Path) -> None:
    with unfinished(tmp_path, prefix=PREFIX) as (path, _):
        assert remains_of(tmp_path, prefix=PREFIX) == [path]
        remove(path)
        assert path.exists()


def test_one_whose_process_was_killed_is_removed(tmp_path: Path) -> None:
    code = (
        "import os, pathlib; from hanko_compat.unfinished_files import unfinished\n"
        f"with unfinished(pathlib.Path({str(tmp_path)!r}), prefix={PREFIX!r}): os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    [left] = remains_of(tmp_path, prefix=PREFIX)
    remove(left)
    assert [*tmp_path.iterdir()] == []


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / f"{PREFIX}x").symlink_to("precious")
    for path in remains_of(tmp_path, prefix=PREFIX):
        remove(path)
    assert (tmp_path / "precious").read_text() == "precious"


def test_one_that_is_taken_away_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, real = [], unfinished_files.mkstemp

    def make_and_lose_the_first(**options: object) -> tuple[int, str]:
        descriptor, name = real(**options)  # type: ignore[call-overload]
        made.append(name)
        if len(made) == 1:
            remove(Path(name))
        return descriptor, name

    monkeypatch.setattr(unfinished_files, "mkstemp", make_and_lose_the_first)
    with unfinished(tmp_path, prefix=PREFIX) as (path, descriptor):
        assert os.fstat(descriptor).st_nlink == 1
        assert [*tmp_path.iterdir()] == [path]
    assert len(made) == 2
