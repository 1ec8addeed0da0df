"""Passcodes on the databases that Hanko wrote."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from hanko_compat import wiring
from hanko_compat.config import from_mapping
from hanko_compat.errors.passcodes import PasscodeNotFound
from hanko_compat.services.passcodes import PasscodeRequest
from hanko_compat.storage.schema import migrate
from hanko_compat.wiring import Services
from hanko_compat.wiring.start import prepare
from tests.calls import CALLER
from tests.clock import FakeClock
from tests.inbox import Inbox
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.run import Run
from tests.settings import settings_on
from tests.storage import restored

pytestmark = pytest.mark.servers


def fixture_of(folder: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((restored.DATABASES / folder / "fixture.json").read_text())
    return content


@pytest.fixture
def restore(test_run: Run, clock: FakeClock, inbox: Inbox) -> Iterator[Callable[[str], Services]]:
    """Services on a restored database, to which our own tables were added."""

    def make(folder: str) -> Services:
        if folder.startswith("mariadb"):
            url = restored.on_mariadb(MariaDB(test_run).shared(), folder, name="passcodes_of_hanko")
        else:
            url = restored.on_postgres(Postgres(test_run).shared(), folder, name="passcodes_of_hanko")
        changes = {"secrets.keys": fixture_of(folder)["secrets_current"]}
        services = wiring.build(
            from_mapping(settings_on(url, changes), environ={}), now=clock, sender=inbox.sender
        )
        inbox.services.append(services)
        migrate.up(services.database)
        prepare(services)
        return services

    yield make
    for services in inbox.services:
        services.database.close_all()


@pytest.mark.parametrize("folder", restored.FOLDERS)
def test_a_user_of_hanko_logs_in_by_passcode(
    restore: Callable[[str], Services], inbox: Inbox, folder: str
) -> None:
    services, alice = restore(folder), fixture_of(folder)["users"]["alice"]
    wanted = PasscodeRequest(user_id=UUID(alice["id"]))
    started = services.passcodes.start(wanted, caller_id=None, client=CALLER)
    code = inbox.passcode(alice["emails"][0]["address"])
    login = services.passcodes.finish(started.id, code, caller_id=None, client=CALLER)
    info = services.sessions.live.authenticate(login.issued.session.token)
    assert (str(info.user_id), info.email["address"]) == (alice["id"], alice["emails"][0]["address"])  # type: ignore[index]


@pytest.mark.parametrize("folder", restored.FOLDERS[:2])
def test_a_passcode_that_hanko_mailed_is_taken(
    restore: Callable[[str], Services], clock: FakeClock, folder: str
) -> None:
    pending = fixture_of(folder)["extra"]["pending_passcode"]
    clock.time = datetime.fromisoformat(pending["created_at"][:26] + "+00:00")
    clock.advance(seconds=299)
    services = restore(folder)
    login = services.passcodes.finish(UUID(pending["id"]), pending["code"], caller_id=None, client=CALLER)
    assert str(login.issued.session.user_id) == fixture_of(folder)["users"]["alice"]["id"]
    with pytest.raises(PasscodeNotFound):
        services.passcodes.finish(UUID(pending["id"]), pending["code"], caller_id=None, client=CALLER)
