"""docs/cli.md and the man pages say what the commands say."""

import subprocess
from pathlib import Path

import pytest

from scripts import write_cli_docs, write_man_pages

ROOT = Path(__file__).parents[2]
MAN = ROOT / "man"


def test_page_is_current() -> None:
    assert write_cli_docs.page() == (ROOT / "docs" / "cli.md").read_text(), "run: make docs"


def test_man_pages_are_current() -> None:
    assert write_man_pages.pages() == {path.name: path.read_text() for path in MAN.iterdir()}, (
        "run: make docs"
    )


def test_no_line_of_a_man_page_is_taken_for_a_command() -> None:
    assert write_man_pages.escaped(".so file\n'br\n\\n") == "\\&.so file\n\\(aqbr\n\\en"


@pytest.mark.servers  # needs groff
def test_man_pages_are_what_a_reader_expects() -> None:
    strict = ["groff", "-man", "-ww", "-Tascii", "-P-c", "-P-bou"]
    done = subprocess.run([*strict, *sorted(MAN.iterdir())], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    page = subprocess.run(
        [*strict, MAN / "hanko-compat-users-delete.1"], capture_output=True, text=True, check=True
    ).stdout
    words = " ".join(page.split())
    assert "hanko-compat-users-delete - Delete users with everything that belongs to them" in words
    assert "hanko-compat users delete [OPTIONS] USER..." in words
    assert "-y, --yes Don't ask." in words
    assert "./config.yaml if it is there]" in words
    assert "hanko-compat-users(1)" in words
