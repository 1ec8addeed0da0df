"""Dumps of Hanko's databases: restored once for a module, in the same order for all its tests."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from tests.clock import FakeClock
from tests.dropin.dump import FOLDERS, Dump
from tests.dropin.house import House
from tests.servers.run import Run

LATER = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)  # two hours after Hanko wrote the dumps


@pytest.fixture(scope="module", params=FOLDERS)
def dump(request: pytest.FixtureRequest, test_run: Run) -> Dump:
    """Each dump, restored."""
    made = Dump(request.param, test_run)
    made.restore(request.module.__name__.rpartition("_")[2])
    return made


@pytest.fixture
def clock() -> FakeClock:
    """Two hours after the dumps were written."""
    return FakeClock(LATER)


@pytest.fixture
def open_house(dump: Dump, clock: FakeClock) -> Iterator[Callable[..., House]]:
    """``open_house(MFA_ENABLED="true")``: what the environment changes of the dump's file."""
    opened: list[House] = []

    def make(**environ: str) -> House:
        opened.append(House(dump, clock, environ))
        return opened[-1]

    yield make
    for house in opened:
        house.services.database.close_all()


@pytest.fixture
def house(open_house: Callable[..., House]) -> House:
    return open_house()
