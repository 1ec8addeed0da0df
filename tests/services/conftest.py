"""A rival, for services that store addresses; and services on databases that Hanko wrote."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hanko_compat import wiring
from hanko_compat.config import from_mapping
from hanko_compat.storage.emails import emails as rows
from hanko_compat.storage.schema import migrate
from hanko_compat.wiring import Services
from hanko_compat.wiring.start import prepare
from tests.clock import FakeClock
from tests.factories import write_to
from tests.inbox import Inbox
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.run import Run
from tests.settings import settings_on
from tests.storage import restored
from tests.storage.restored import fixture_of


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> list[Any]:
    """What each look for an address found; after the first one somebody else stores the address."""
    found, real = [], rows.find

    def find_late(address: str) -> Any:
        found.append(real(address))
        if len(found) == 1:  # which our transaction meets at its own insert
            rows.create(address, user_id=None, now=clock())
        return found[-1]

    monkeypatch.setattr(rows, "find", find_late)
    return found


@pytest.fixture
def restore(test_run: Run, clock: FakeClock, inbox: Inbox) -> Iterator[Callable[[str], Services]]:
    """Services on a restored database, to which our own tables were added."""

    def make(folder: str) -> Services:
        if folder.startswith("mariadb"):
            url = restored.on_mariadb(MariaDB(test_run).shared(), folder, name="services_of_hanko")
        else:
            url = restored.on_postgres(Postgres(test_run).shared(), folder, name="services_of_hanko")
        changes = {"secrets.keys": fixture_of(folder)["secrets_current"]}
        services = wiring.build(
            from_mapping(settings_on(url, changes), environ={}), now=clock, sender=inbox.sender
        )
        inbox.services.append(services)
        write_to(services.database)
        migrate.up(services.database)
        prepare(services)
        return services

    yield make
    for services in inbox.services:
        services.database.close_all()
