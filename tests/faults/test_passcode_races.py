"""Many log-ins with one passcode at one moment, over four workers."""

from collections import Counter
from functools import partial
from uuid import UUID

import pytest

from hanko_compat.storage.models import Passcode, Session
from tests.factories import make_passcode
from tests.faults import rows
from tests.faults.conftest import Starter
from tests.faults.racing import at_once
from tests.servers.hanko_compat import Answer, HankoCompat

pytestmark = pytest.mark.servers


@pytest.fixture
def server(start: Starter) -> HankoCompat:
    return start({"email_delivery.enabled": False})


def mailed(url: str) -> UUID:
    """The id of a passcode whose code is 123456."""
    with rows.reading(url):
        passcode: Passcode = make_passcode()
    return passcode.id


def finalize_at_once(server: HankoCompat, passcode_id: UUID, codes: list[str]) -> list[Answer]:
    bodies = [{"id": str(passcode_id), "code": code} for code in codes]
    return at_once([partial(server.request, "POST", "/passcode/login/finalize", body) for body in bodies])


def left(url: str) -> list[int]:
    with rows.reading(url):
        return [table.select().count() for table in (Passcode, Session)]


def test_of_fifty_wrong_codes_at_most_three_are_evaluated(server: HankoCompat, database_url: str) -> None:
    passcode_id = mailed(database_url)

    answers = finalize_at_once(server, passcode_id, [f"{number:06}" for number in range(50)])

    told = Counter((answer.status, answer.body["message"]) for answer in answers)
    assert told.keys() <= {
        (401, "Unauthorized"),
        (401, "passcode not found"),
        (410, "max attempts reached"),
    }
    assert told[401, "Unauthorized"] == 2
    assert left(database_url) == [0, 0]


def test_of_twenty_right_codes_one_is_a_session(server: HankoCompat, database_url: str) -> None:
    passcode_id = mailed(database_url)

    answers = finalize_at_once(server, passcode_id, ["123456"] * 20)

    statuses = Counter(answer.status for answer in answers)
    assert statuses[200] == 1
    assert statuses.keys() <= {200, 401, 410}
    assert left(database_url) == [0, 1]
