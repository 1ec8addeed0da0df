"""Webhooks survive their server: what was committed is told, though the process that would tell it dies."""

from collections.abc import Callable, Iterator

import pytest

from hanko_compat import wiring
from hanko_compat.clock import utc_now
from hanko_compat.config import Config
from hanko_compat.storage.delivery import deliveries
from hanko_compat.storage.models import Delivery
from tests.backend.server import basic
from tests.faults import rows
from tests.faults.conftest import Starter
from tests.receiver import LOOPBACK, Receiver, content
from tests.servers.hanko_compat import HankoCompat, WithoutDelivery, wait_until

pytestmark = pytest.mark.servers

Headers = dict[str, str]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        yield server


@pytest.fixture
def subscribed(make_config: Callable[..., Config], receiver: Receiver) -> Headers:
    """The headers of a server that may call, where the receiver wants to hear of new users."""
    services = wiring.build(make_config(LOOPBACK))
    try:
        new = services.api_secrets.create()
        services.webhooks.endpoints.create(url=receiver.url, events=["user.created"], custom_headers={})
    finally:
        services.database.close_all()
    return basic(new.project_id, new.secret)


def make_users(server: HankoCompat, headers: Headers, number: int) -> set[str]:
    made = [server.request("POST", "/v2/users", {"status": "active"}, **headers) for _ in range(number)]
    assert [answer.status for answer in made] == [200] * number
    return {answer.body["userID"] for answer in made}


def told(receiver: Receiver) -> list[str]:
    return [content(post)["data"]["user"]["id"] for post in receiver.received]


def waiting(database_url: str) -> int:
    with rows.reading(database_url):
        return deliveries.count()


def is_all_told(database_url: str) -> None:
    wait_until(lambda: waiting(database_url) == 0, why=lambda: "a row is left")


def test_four_processes_tell_each_event_once(
    start: Starter, receiver: Receiver, subscribed: Headers, database_url: str
) -> None:
    server = start(LOOPBACK)
    made = make_users(server, subscribed, 20)
    is_all_told(database_url)
    assert sorted(told(receiver)) == sorted(made)


def test_a_killed_server_leaves_nothing_untold(
    start: Starter, receiver: Receiver, subscribed: Headers, database_url: str
) -> None:
    server = start(LOOPBACK, kind=WithoutDelivery, workers=2)
    made = make_users(server, subscribed, 5)
    server.kill_all()
    assert (waiting(database_url), receiver.received) == (5, [])

    start(LOOPBACK, workers=1)

    is_all_told(database_url)
    assert sorted(told(receiver)) == sorted(made)


def test_what_was_under_way_is_told_again(
    start: Starter, receiver: Receiver, subscribed: Headers, database_url: str
) -> None:
    """Nobody knows whether the endpoint has taken it: after the lease it goes out again, the same."""
    receiver.hangs = True
    server = start(LOOPBACK, workers=1)
    make_users(server, subscribed, 1)
    receiver.wait_for(1)
    server.kill_all()
    with rows.reading(database_url):
        (row,) = Delivery.select()
        assert (row.attempts, row.failures) == (1, 0)
        assert row.next_attempt_at > utc_now()
        Delivery.update(next_attempt_at=utc_now()).execute()  # as if the lease had ended
    receiver.hangs = False

    server.start()

    first, second = receiver.wait_for(2)
    assert first.body == second.body
    is_all_told(database_url)
