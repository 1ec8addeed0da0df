#!/usr/bin/env bash
# click-man 0.6.0: the pages of groups within groups point at man pages of another name than those written.
#
# It writes the page of "tool users show" as tool-users-show.1. One would expect its reference to be
# tool-users-show(1), as a reader types it; two levels deep the blank of the path is kept.
#
# Observed: tool.1 says "tool-users(1)", which is there; tool-users.1 says "tool users-show(1)", which no page is.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install click-man==0.6.0 click==8.5.1 setuptools==80.9.0
"$folder/venv/bin/python" -W ignore - "$folder" <<'PYTHON'
import re
import sys
from pathlib import Path

import click
from click_man.core import write_man_pages


@click.group()
def tool():
    """The root."""


@tool.group()
def users():
    """A group in it."""


@users.command()
def show():
    """A command in that."""


folder = Path(sys.argv[1])
write_man_pages("tool", tool, version="1", target_dir=str(folder))
pages = {path.stem for path in folder.glob("*.1")}
found = {
    path.stem: re.findall(r"\\fB([^\\]+)\(1\)\\fP", path.read_text()) for path in sorted(folder.glob("*.1"))
}
for page, references in found.items():
    for reference in references:
        print(f"{page}.1 points at {reference}(1):", "there" if reference in pages else "not there")
assert found["tool"] == ["tool-users"] and found["tool-users"] == ["tool users-show"], "changed"
PYTHON
