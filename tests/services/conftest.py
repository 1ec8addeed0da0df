"""A rival, for services that store addresses."""

from typing import Any

import pytest

from hanko_compat.storage.emails import emails as rows
from tests.clock import FakeClock


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
