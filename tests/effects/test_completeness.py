"""Every row of the reference is shown by a test, or is a difference that the documentation names."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import tests.effects
from tests.effects.elsewhere import OTHER_TESTS, is_shown_by
from tests.effects.rows import DIFFERENT, ROWS, SHOWN, Row

ROOT = Path(__file__).parents[2]
PAGE = re.sub(r"\s+", " ", (ROOT / "docs" / "differences.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", autouse=True)
def every_module() -> None:
    """Import all tests of the package: each notes its rows."""
    for module in pkgutil.iter_modules(tests.effects.__path__):
        if module.name.startswith("test_") and module.name != "test_completeness":
            importlib.import_module(f"tests.effects.{module.name}")


def test_the_whole_reference_is_read() -> None:
    assert len(ROWS) == 248
    assert len({row.name for row in ROWS}) == 248


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_row_has_its_place(row: Row) -> None:
    is_shown_elsewhere = any(is_shown_by(row, entry) for entry in OTHER_TESTS)
    has_place = row.name in SHOWN or row.name in DIFFERENT or is_shown_elsewhere
    assert has_place, "show it with a test: see the package's docstring"


def test_each_difference_is_documented() -> None:
    assert [page for page in set(DIFFERENT.values()) if f"**{page}" not in PAGE] == []


@pytest.mark.parametrize("path", sorted({path for *_, path in OTHER_TESTS}))
def test_other_tests_are_there_and_read_the_reference(path: str) -> None:
    assert "effects" in (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("entry", OTHER_TESTS, ids=str)
def test_each_entry_is_of_some_row(entry: tuple[str, str, str, str]) -> None:
    assert [row for row in ROWS if is_shown_by(row, entry)]
