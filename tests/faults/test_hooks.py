"""Hooks get every event, in the order of each user's changes, whatever dies or is away meanwhile."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import jwt
import pytest

from hanko_compat import wiring
from hanko_compat.clock import utc_now
from hanko_compat.config import Config
from hanko_compat.storage.delivery import deliveries
from hanko_compat.storage.models import Delivery
from tests.faults import rows
from tests.faults.conftest import Starter
from tests.receiver import Receiver, content
from tests.servers.hanko_compat import wait_until
from tests.services.webhooks.hooks import configured

pytestmark = pytest.mark.servers

USERS = [uuid4() for _ in range(4)]
EVENTS = 8  # of each


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        yield server


@pytest.fixture
def put(make_config: Callable[..., Config], receiver: Receiver) -> Iterator[Callable[..., None]]:
    """Write events of some users, as a server would."""
    services = wiring.build(make_config(configured(receiver)))
    queue = services.webhooks.hook_queue

    def put_one(user_id: UUID, number: int) -> None:
        data = {"id": str(user_id), "number": number}
        services.database.transaction(lambda: queue.put("user.update", data, user_id=user_id))

    yield put_one
    services.database.close_all()


@pytest.fixture
def put_all(put: Callable[..., None]) -> Callable[[], None]:
    def put_them() -> None:
        for number in range(EVENTS):
            for user_id in USERS:
                put(user_id, number)

    return put_them


def told(receiver: Receiver, user_id: UUID) -> list[int]:
    """The numbers of a user's events that have come, without what came again right after itself."""
    numbers: list[int] = []
    for post in list(receiver.received):
        data = jwt.decode(content(post)["token"], options={"verify_signature": False})["data"]
        if data["id"] == str(user_id) and numbers[-1:] != [data["number"]]:
            numbers.append(data["number"])
    return numbers


def check_that_all_is_told(database_url: str, receiver: Receiver) -> None:
    """Wait until nothing is left; everything has come in its order."""

    def is_empty() -> bool:
        with rows.reading(database_url):
            return deliveries.count() == 0

    wait_until(is_empty, why=lambda: "a row is left")
    assert [told(receiver, user_id) for user_id in USERS] == [list(range(EVENTS))] * len(USERS)


def test_four_processes_keep_the_order(
    start: Starter, receiver: Receiver, put_all: Callable[[], None], database_url: str
) -> None:
    start(configured(receiver), workers=4)
    put_all()
    check_that_all_is_told(database_url, receiver)


def test_a_receiver_that_was_down_is_told_all_in_order(
    start: Starter, receiver: Receiver, put_all: Callable[[], None], database_url: str
) -> None:
    receiver.status = 503
    start(configured(receiver), workers=2)
    put_all()
    receiver.wait_for(3)
    receiver.status = 200
    with receiver._changed:
        receiver.received.clear()
    check_that_all_is_told(database_url, receiver)


def test_what_a_killed_process_was_about_to_tell_is_told_by_the_next(
    start: Starter, receiver: Receiver, put_all: Callable[[], None], database_url: str
) -> None:
    receiver.hangs = True
    server = start(configured(receiver), workers=1)
    put_all()
    receiver.wait_for(1)
    server.kill_all()
    with rows.reading(database_url):
        under_way = Delivery.update(
            next_attempt_at=utc_now() - timedelta(seconds=1)
        )  # as if its lease had ended
        under_way.where(Delivery.attempts == 1).execute()
    receiver.hangs = False
    receiver.release()

    server.start()

    check_that_all_is_told(database_url, receiver)
