"""Tables in Markdown, printed and kept in README.md."""

import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- results: written by make bench -->", "<!-- end of results -->"


def machine() -> str:
    """What it was measured on."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; numbers are right-aligned and rounded to what was measured."""
    lines = [f"| {' | '.join(headings)} |", "|---" + "|---:" * (len(headings) - 1) + "|"]
    lines += [f"| {' | '.join(text(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines)


def text(cell: object) -> str:
    """A figure with as many digits as mean something."""
    if not isinstance(cell, float):
        return str(cell)
    if cell >= 100:
        return f"{cell:,.0f}"
    return f"{cell:.1f}" if cell >= 1 else f"{cell:.3f}"


def write(results: str, *, begin: str = BEGIN, end: str = END) -> None:
    """Put *results* between two marks of README.md."""
    before, _, rest = README.read_text().partition(begin)
    _, _, after = rest.partition(end)
    README.write_text(f"{before}{begin}\n\n{results}\n\n{end}{after}")
