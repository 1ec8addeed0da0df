"""The rows of the reference, and which test shows which of them."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

Test = TypeVar("Test", bound=Callable[..., Any])

FILE = Path(__file__).parents[1] / "data" / "config-effects.tsv"


class Row(NamedTuple):
    """What came back: a status, and a text, header or member; ``note`` says the rest."""

    key: str
    value: str
    request: str
    status: str
    answer: str
    note: str

    @property
    def name(self) -> str:
        """How the row is called when it is missing somewhere."""
        return f"{self.key} = {self.value}: {self.request}"


def read() -> tuple[Row, ...]:
    """Every row of the reference."""
    with FILE.open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        table = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(table)
        return tuple(Row(*line) for line in table)


ROWS = read()
SHOWN: dict[str, str] = {}  # name of a row: the test that shows it
DIFFERENT: dict[str, str] = {}  # name of a row: what docs/differences.md says in bold type


def find(key: str, value: str, request: str | None = None) -> Row:
    """The row; *request* may be left out where there is only one."""
    found = [row for row in ROWS if (row.key, row.value) == (key, value) and request in (None, row.request)]
    if len(found) != 1:
        raise LookupError(f"{len(found)} rows are {key} = {value}: {request}")
    return found[0]


def shows(key: str, value: str, request: str | None = None) -> Callable[[Test], Test]:
    """Note that a test shows a row: the same comes back here."""
    name = find(key, value, request).name

    def note(test: Test) -> Test:
        SHOWN[name] = test.__name__
        return test

    return note


def differs(key: str, value: str, request: str | None = None, *, page: str) -> Callable[[Test], Test]:
    """Note that a test shows what is done here instead; *page* is how docs/differences.md calls it."""
    name = find(key, value, request).name

    def note(test: Test) -> Test:
        DIFFERENT[name] = page
        return test

    return note
