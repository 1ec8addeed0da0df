"""A quick round has a part of every table."""

import pytest

from tests import tables

TEST = "tests/test_a.py::test_table"


def names(number: int) -> list[str]:
    return [f"{TEST}[case-{row}]" for row in range(number)]


@pytest.mark.parametrize(
    ("rows", "cases", "expected"),
    [
        (3, 3, [0, 1, 2]),
        (2, 3, [0, 1]),
        (7, 3, [0, 3, 6]),
        (100, 4, [0, 33, 66, 99]),
        (5, 1, [0]),
    ],
)
def test_cases_are_spread_over_a_table(rows: int, cases: int, expected: list[int]) -> None:
    assert tables.sample(names(rows), cases=cases) == {f"{TEST}[case-{row}]" for row in expected}


def test_each_table_has_its_own_and_what_is_no_table_stays() -> None:
    single = [f"tests/test_a.py::test_{name}" for name in "bcd"]
    other = [name.replace("test_a.py", "test_b.py") for name in names(9)]
    found = tables.sample([*names(9), *single, *other], cases=2)
    assert found == {names(9)[0], names(9)[-1], *single, other[0], other[-1]}


def test_all_rows_of_the_first_kind_stay_and_some_of_each_other() -> None:
    rows = [(kind, number) for number in range(9) for kind in ("one", "two", "three")]
    found = tables.fewer_of_others(rows, kind=lambda row: row[0], first="one", cases=3)
    assert [row for row in found if row[0] == "one"] == [("one", number) for number in range(9)]
    for kind in ("two", "three"):
        assert [row for row in found if row[0] == kind] == [(kind, 0), (kind, 4), (kind, 8)]


def test_rows_of_no_kind_stay() -> None:
    assert tables.fewer_of_others([1, 2, 3], kind=lambda _row: None, first="one", cases=1) == [1, 2, 3]
