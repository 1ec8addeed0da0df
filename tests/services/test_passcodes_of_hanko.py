"""Passcodes on the databases that Hanko wrote."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest

from hanko_compat.errors.passcodes import PasscodeNotFound
from hanko_compat.services.passcodes import PasscodeRequest
from hanko_compat.wiring import Services
from tests.calls import CALLER
from tests.clock import FakeClock
from tests.inbox import Inbox
from tests.storage import restored
from tests.storage.restored import fixture_of

pytestmark = pytest.mark.servers


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
