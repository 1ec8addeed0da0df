from datetime import timedelta
from uuid import uuid4

import pytest

from hanko_compat.clock import utc_now
from hanko_compat.storage.delivery import dead_letters, deliveries
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.engine.deletion import delete_some
from hanko_compat.storage.models import DeadLetter

NOW = utc_now().replace(microsecond=0)
LATER = NOW + timedelta(seconds=30)


@pytest.fixture(autouse=True)
def connected(database: Database):
    with database.connection():
        yield


def put(recipient="a", *, channel="hook", at=NOW):
    delivery_id = uuid4()
    deliveries.create(
        delivery_id=delivery_id, channel=channel, kind="user.create", recipient=recipient, payload="x",
        expires_at=LATER, now=at, lane="a:1", turn=7,
    )  # fmt: skip
    return delivery_id


def test_a_delivery_moves_with_all_that_it_has():
    delivery_id, kept = put(), put()
    assert dead_letters.bury([delivery_id], reason="r" * 300, now=LATER) == 1
    letter = dead_letters.find(delivery_id)
    assert (letter.channel, letter.kind, letter.recipient) == ("hook", "user.create", "a")
    assert (letter.lane, letter.turn) == ("a:1", 7)
    assert (letter.payload, letter.attempts, letter.reason) == ("x", 0, "r" * 255)
    assert (letter.created_at, letter.expires_at, letter.died_at) == (NOW, LATER, LATER)
    assert [row.id for row in deliveries.list_due(at=NOW, limit=5, channels=["hook"])] == [kept]
    assert dead_letters.bury([delivery_id], reason="r", now=LATER) == 0


def test_what_is_under_way_is_not_idle():
    waits, under_way, failed = put(), put(), put()
    put("b"), put(channel="webhook"), put(at=LATER)
    deliveries.claim(under_way, attempts=0, until=LATER)
    deliveries.claim(failed, attempts=0, until=LATER)
    deliveries.postpone(failed, attempts=1, until=LATER)
    idle = dead_letters.list_idle("a", channel="hook", created_before=NOW, limit=5)
    assert set(idle) == {waits, failed}


def test_old_ones_are_deleted_in_steps():
    letters = [put() for _ in range(3)]
    for number, letter in enumerate(letters):
        dead_letters.bury([letter], reason="", now=NOW + timedelta(seconds=number))
    old = dead_letters.old(died_before=NOW + timedelta(seconds=2))
    assert [delete_some(old, at_most=most) for most in (1, 5)] == [1, 1]
    assert [letter.id for letter in DeadLetter.select()] == letters[2:]
    assert delete_some(dead_letters.old(died_before=NOW), at_most=5) == 0


def test_they_are_listed_and_counted_by_recipient():
    mine, others = put(), put("b")
    dead_letters.bury([mine, others], reason="", now=NOW)
    assert [letter.id for letter in dead_letters.list_(channel="hook", recipient="b", limit=5)] == [others]
    assert {letter.id for letter in dead_letters.list_(channel="hook", limit=5)} == {mine, others}
    assert dead_letters.count_by_recipient(channel="hook") == {"a": 1, "b": 1}
    assert dead_letters.delete(mine)
    assert not dead_letters.delete(mine)
