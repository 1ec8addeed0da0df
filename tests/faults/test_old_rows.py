"""What a flood leaves behind: nothing, once its time is over and others make rows again."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from hanko_compat.clock import utc_now
from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.models import Email, Passcode, User, WebauthnSessionData
from tests.faults.conftest import Starter
from tests.faults.racing import at_once
from tests.servers.hanko_compat import HankoCompat

pytestmark = pytest.mark.servers

LOG_IN, SIGN_UP, MAIL = "/webauthn/login/initialize", "/users", "/passcode/login/initialize"
FLOOD, MOST = 120, 1000  # requests; each of four workers deletes after fifty of its own


def send(calls: list[Callable[[], int]]) -> set[int]:
    """The statuses that come back when the *calls* are made, twenty at a time."""
    return {status for first in range(0, len(calls), 20) for status in at_once(calls[first : first + 20])}


def post(server: HankoCompat, path: str, body: object) -> int:
    return server.request("POST", path, body).status


def sign_up_and_ask_for_mail(server: HankoCompat, address: str) -> int:
    user = server.request("POST", SIGN_UP, {"email": address}).body
    return post(server, MAIL, {"user_id": user["id"], "email_id": user["email_id"]})


def make_old(database_url: str, *tables: type[WebauthnSessionData | Email | Passcode | User]) -> int:
    """Have all rows of the *tables* made two months ago; return how many there are."""
    moment = utc_now() - timedelta(days=60)
    database = open_database(database_url)
    try:
        with database.connection():
            for table in tables:
                changes = {"created_at": moment, "updated_at": moment}
                if table is WebauthnSessionData:
                    changes["expires_at"] = moment
                table.update(changes).execute()
            return tables[0].select().count()
    finally:
        database.close_all()


def count_old(database_url: str, table: type[WebauthnSessionData | Email | Passcode | User]) -> int:
    database = open_database(database_url)
    try:
        with database.connection():
            return table.select().where(table.created_at < utc_now() - timedelta(days=30)).count()
    finally:
        database.close_all()


def send_until(is_gone: Callable[[], bool], call: Callable[[int], int]) -> bool:
    """Make calls, each with another number, until *is_gone*; False when that takes too many."""
    for number in range(0, MOST, 40):
        assert send([partial(call, each) for each in range(number, number + 40)]) == {200}
        if is_gone():
            return True
    return False


def test_ceremonies_that_nobody_finishes(start: Starter, database_url: str) -> None:
    server = start()
    begin = partial(post, server, LOG_IN, {})
    assert send([begin] * FLOOD) == {200}
    assert make_old(database_url, WebauthnSessionData) == FLOOD

    assert send_until(lambda: not count_old(database_url, WebauthnSessionData), lambda _: begin())


def test_sign_ups_that_nobody_confirms(start: Starter, database_url: str) -> None:
    server = start()

    def sign_up(number: int) -> int:
        return sign_up_and_ask_for_mail(server, f"user{number}@example.test")

    assert send([partial(sign_up, -number) for number in range(1, FLOOD + 1)]) == {200}
    assert make_old(database_url, Email, Passcode, User) == FLOOD

    # Passcodes go first, then their addresses; these and users are looked at from a random one on.
    assert send_until(
        lambda: (
            not count_old(database_url, Passcode)
            and count_old(database_url, Email) <= FLOOD // 2
            and count_old(database_url, User) <= FLOOD // 2
        ),
        sign_up,
    )
