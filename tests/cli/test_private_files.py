import os
import threading
from contextlib import suppress
from pathlib import Path

from hanko_compat.cli.private_files import LinesIfAny, whole_or_not


def test_a_file_is_there_when_it_is_whole():
    path = Path("users.json")
    path.write_text("before")
    path.chmod(0o644)
    with whole_or_not(path) as file:
        file.write("after")
        file.flush()
        assert path.read_text() == "before"
        [part] = Path().glob(".users.json.part-*")
        assert part.stat().st_mode & 0o777 == 0o600
    assert path.read_text() == "after"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [*Path().iterdir()] == [path]


def test_a_file_that_is_not_finished_leaves_nothing():
    path = Path("users.json")
    with suppress(KeyError), whole_or_not(path) as file:
        file.write("half")
        raise KeyError
    assert [*Path().iterdir()] == []


def test_what_a_killed_command_left_is_no_obstacle():
    Path(".users.json.part-abcdefgh").write_text("half, and for all to read")
    with whole_or_not(Path("users.json")) as file:
        file.write("whole")
    assert [path.read_text() for path in Path().iterdir()] == ["whole"]


def test_two_at_once_each_write_a_file_of_their_own():
    """The last one to end wins; before, the first gave its name to what the second had half-written."""
    path = Path("users.json")
    with whole_or_not(path) as first:
        first.write("first")
        with suppress(KeyError), whole_or_not(path) as second:
            second.write("second, and ha")
            second.flush()
            raise KeyError
    assert path.read_text() == "first"
    with whole_or_not(path) as first:
        first.write("first")
        with whole_or_not(path) as second:
            second.write("second")
        assert path.read_text() == "second"
    assert path.read_text() == "first"
    assert [*Path().iterdir()] == [path]


def test_names_are_no_patterns():
    path = Path("[a-z]*.json")
    Path(".x.json.part-abcdefgh").touch()
    with whole_or_not(path) as file:
        file.write("whole")
    assert {each.name for each in Path().iterdir()} == {path.name, ".x.json.part-abcdefgh"}


def test_lines_make_their_file_with_the_first():
    path = Path("letters")
    path.write_text("of an earlier time")
    with LinesIfAny(path) as lines:
        assert not path.exists()
        lines.write("é")
        lines.write("b")
    assert path.read_text(encoding="utf-8") == "é\nb\n"
    assert path.stat().st_mode & 0o777 == 0o600
    with LinesIfAny(path):
        pass
    assert [*Path().iterdir()] == []


def test_a_link_goes_on_leading_there():
    Path("real").mkdir()
    Path("users.json").symlink_to("real/users.json")
    with whole_or_not(Path("users.json")) as file:
        file.write("whole")
    assert Path("users.json").is_symlink()
    assert Path("real/users.json").read_text() == "whole"


def test_what_is_no_file_stays_what_it_is():
    os.mkfifo("pipe")
    read = []
    for write in (_whole, _lines):
        reader = threading.Thread(target=lambda: read.append(Path("pipe").read_text()))
        reader.start()
        write(Path("pipe"))
        reader.join()
    assert read == ["x\n", "x\n"]
    assert [path.name for path in Path().iterdir()] == ["pipe"]


def _whole(path):
    with whole_or_not(path) as file:
        file.write("x\n")


def _lines(path):
    with LinesIfAny(path) as lines:
        lines.write("x")
