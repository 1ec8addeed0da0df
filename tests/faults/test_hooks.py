"""Hooks get every event, in the order of each user's changes, whatever dies or is away meanwhile."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import jwt
import pytest

from hanko_compat import wiring
from hanko_compat.clock import utc_now
from hanko_compat.config import Config, from_mapping
from hanko_compat.storage.delivery import deliveries
from hanko_compat.storage.models import Delivery
from hanko_compat.wiring import Services
from tests.databases import prepare
from tests.faults import rows
from tests.faults.conftest import Starter
from tests.receiver import Receiver, content
from tests.servers.hanko_compat import HankoCompat, wait_until
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.run import Run
from tests.services.webhooks.hooks import configured
from tests.settings import settings_on

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
    yield partial(put_event, services)
    services.database.close_all()


@pytest.fixture
def put_all(put: Callable[..., None]) -> Callable[[], None]:
    def put_them() -> None:
        for number in range(EVENTS):
            for user_id in USERS:
                put(user_id, number)

    return put_them


def put_event(services: Services, user_id: UUID, number: int) -> None:
    data, queue = {"id": str(user_id), "number": number}, services.webhooks.hook_queue
    services.database.transaction(lambda: queue.put("user.update", data, user_id=user_id))


def told(receiver: Receiver, user_id: UUID) -> list[int]:
    """The numbers of a user's events that have come, without what came again right after itself."""
    numbers: list[int] = []
    for post in list(receiver.received):
        data = jwt.decode(content(post)["token"], options={"verify_signature": False})["data"]
        if data["id"] == str(user_id) and numbers[-1:] != [data["number"]]:
            numbers.append(data["number"])
    return numbers


def end_leases(database_url: str) -> None:
    """Make it two minutes later for what is under way."""
    with rows.reading(database_url):
        under_way = Delivery.update(next_attempt_at=utc_now() - timedelta(seconds=1))
        under_way.where(Delivery.attempts > Delivery.failures).execute()


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
    end_leases(database_url)
    receiver.hangs = False
    receiver.release()

    server.start()

    check_that_all_is_told(database_url, receiver)


@pytest.fixture(params=[Postgres, MariaDB], ids=["postgres", "mariadb"])
def own_server(request: pytest.FixtureRequest, test_run: Run) -> Iterator[Postgres | MariaDB]:
    server = request.param(test_run, f"hooks_{request.param.name}_{os.getpid()}")
    server.start()
    yield server
    server.remove()


@pytest.mark.slow
def test_a_database_that_is_lost_during_a_delivery_costs_no_event(
    own_server: Postgres | MariaDB, test_run: Run, receiver: Receiver
) -> None:
    """What was under way gets no answer, and nobody can write that down."""
    url = own_server.create_database("lost")
    prepare(url)
    settings = settings_on(url, configured(receiver))
    server = HankoCompat(test_run, settings, workers=2)
    receiver.hangs = True
    try:
        server.start()
        services = wiring.build(from_mapping(settings))
        for number in range(EVENTS):
            for user_id in USERS:
                put_event(services, user_id, number)
        services.database.close_all()
        receiver.wait_for(1)
        own_server.kill()
        with receiver._changed:
            receiver.received.clear()
        receiver.hangs = False
        receiver.release()
        log = server.log
        wait_until(lambda: "hooks_unreachable" in log.read_text(), why=log.read_text)
        own_server.start()
        end_leases(url)
        check_that_all_is_told(url, receiver)
    finally:
        server.remove()
