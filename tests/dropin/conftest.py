"""Dumps of Hanko's databases: restored once for a module, in the same order for all its tests."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.clock import FakeClock
from tests.compatibility import DUMPS, SUBJECT
from tests.dropin.dump import Dump
from tests.dropin.house import House
from tests.servers.run import Run
from tests.storage.restored import FOLDERS

LATER = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)  # two hours after Hanko wrote the dumps


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = f"{Path(__file__).parent}/"
    for item in items:
        is_here = str(item.path).startswith(here)
        if is_here and isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            folder = item.callspec.params.get("dump")
            if folder is not None:
                item.user_properties.append((SUBJECT, DUMPS[str(folder)]))


@pytest.fixture(scope="module", params=FOLDERS)
def dump(request: pytest.FixtureRequest, test_run: Run) -> Dump:
    """Each dump, restored."""
    made = Dump(request.param, test_run)
    made.restore(request.module.__name__.rpartition("_")[2])
    return made


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    """Two hours after the dumps were written, and then as late as the tests of the module have made it."""
    return FakeClock(LATER)


@pytest.fixture(scope="module")
def house(dump: Dump, clock: FakeClock) -> Iterator[House]:
    """The application on the dump, one for the module: its keys take long to read."""
    house = House(dump, clock)
    yield house
    house.services.database.close_all()
