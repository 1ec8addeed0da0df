"""Letters wait encrypted, and whoever has one of the secrets reads them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from hanko_compat.services.delivery.letters import CHANNELS, LIMITS, Letter, Letters
from hanko_compat.services.delivery.queue import Channel, Claim, DeliveryQueue, Vacancy
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import Delivery
from tests.settings import SECRET

LETTER = Letter("passcode", "alice@example.test", "de", {"code": "123456", "minutes": "5"})


@pytest.fixture
def database(services) -> Database:
    return services.database


@pytest.fixture
def queue(database: Database, clock) -> DeliveryQueue:
    return DeliveryQueue(database, now=clock)


@pytest.fixture
def put(database: Database, queue: DeliveryQueue, clock) -> Callable[[], None]:
    def put_one(channel: Channel = Channel.MAIL) -> None:
        letters = Letters(queue, secrets=[SECRET])
        expires_at = clock() + timedelta(minutes=5)
        database.transaction(lambda: letters.put(channel, LETTER, expires_at=expires_at))

    return put_one


def take(queue: DeliveryQueue, channel: Channel = Channel.MAIL) -> Claim:
    (claim,) = queue.claim([Vacancy(channel, lease=LIMITS.lease)])
    return claim


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_is_put_in_can_be_read(queue, put, channel) -> None:
    put(channel)
    claim = take(queue, channel)
    assert Letters(queue, secrets=[SECRET]).read(claim) == LETTER
    assert (claim.kind, claim.expires_at - claim.created_at) == ("passcode", timedelta(minutes=5))


def test_nothing_of_it_can_be_read_in_the_database(database, put) -> None:
    put()
    with database.connection():
        (row,) = Delivery.select(Delivery.id, Delivery.kind, Delivery.recipient, Delivery.payload).tuples()
    assert not [word for word in ("123456", "alice", "example", "minutes") if word in str(row)]


def test_any_secret_may_decrypt(queue, put) -> None:
    put()
    assert Letters(queue, secrets=["a new secret, 26 letters..", SECRET]).read(take(queue)) == LETTER


def test_a_letter_that_no_secret_decrypts_is_told_apart(queue, put) -> None:
    put()
    claim = take(queue)
    assert Letters(queue, secrets=["a new secret, 26 letters.."]).read(claim) is None
    assert claim.kind == "passcode"
