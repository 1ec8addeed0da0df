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
