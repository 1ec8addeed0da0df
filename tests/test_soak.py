"""Two minutes of mixed traffic: memory, descriptors and connections stay as they are, and no row is left."""

from pathlib import Path

import pytest

from benchmarks import soak
from benchmarks.soak import Sample, Soak, Soaked, describe
from benchmarks.visits import Tally

RATE = 2.0  # visits a second: little beside all other tests
MINUTES = 2


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.one_database
def test_nothing_grows(empty_database_url: str, tmp_path: Path) -> None:
    soaked = Soak(empty_database_url, tmp_path).run(minutes=MINUTES, rate=RATE, samples=24)
    assert soaked.faults == []
    assert soaked.tally.visits > MINUTES * 60 * RATE / 3


def sample(number: int, **changes: object) -> Sample:
    values = {
        "seconds": float(number),
        "memory": (80.0,),
        "descriptors": 40,
        "connections": 4,
        "rows": {"sessions": 100, "users": 0},
    }
    return Sample(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("growing", "fault"),
    [
        (lambda number: {}, None),
        (lambda number: {"memory": (80.0 + number,)}, "a worker has grown by 20.0 MB"),
        (lambda number: {"descriptors": 40 + number}, "descriptors: 79, and 59 before"),
        (lambda number: {"connections": 4 + number}, "connections: 43, and 23 before"),
        (
            lambda number: {"rows": {"sessions": 100, "users": 20 * number}},
            "users has 780 rows, and had 380 before",
        ),
    ],
    ids=["nothing", "memory", "descriptors", "connections", "rows"],
)
def test_what_grows_is_found(growing, fault) -> None:  # type: ignore[no-untyped-def]
    samples = [sample(number, **growing(number)) for number in range(40)]
    soaked = Soaked(samples, Tally(), rate=1.0, left={})
    assert soaked.faults == ([fault] if fault else [])


def test_counts_of_a_day_may_grow() -> None:
    """Whether they end is seen in the end."""
    samples = [
        sample(number, rows={"users": 50, "hanko_compat_rate_limits": 100 * number}) for number in range(40)
    ]
    soaked = Soaked(samples, Tally(), rate=1.0, left={})
    assert soaked.faults == []
    assert [part.strip() for part in describe(soaked).splitlines()[-1].split("|")][-3:-1] == ["50", "3900"]


def test_so_is_what_was_refused_and_what_is_left() -> None:
    samples = [sample(number) for number in range(8)]
    tally = Tally()
    for _ in range(3):
        tally.refused("GET /me 500")
    soaked = Soaked(samples, tally, rate=1.0, left={"sessions": 7})
    assert soaked.faults == ["3 answers GET /me 500", "7 rows are left in sessions"]


def test_the_curve_and_the_table_show_each_moment(tmp_path: Path) -> None:
    soaked = Soaked([sample(number) for number in range(1, 31)], Tally(), rate=1.0, left={})
    assert soak.draw(soaked).count("<polyline") == 2
    assert "All is flat" in soak.describe(soaked)
    soak.save(soaked, tmp_path / "soak" / "x.csv")
    lines = (tmp_path / "soak" / "x.csv").read_text().splitlines()
    assert len(lines) == 31
    assert lines[0] == "seconds,memory_mb,descriptors,connections,sessions,users"
