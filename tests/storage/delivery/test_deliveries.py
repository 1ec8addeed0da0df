import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from hanko_compat.clock import utc_now
from hanko_compat.storage.delivery import deliveries as rows
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import Delivery

NOW = utc_now().replace(microsecond=0)
LATER = NOW + timedelta(seconds=30)
INDEX = "hanko_compat_deliveries_channel_next_attempt_at_idx"
LANE_INDEX = "hanko_compat_deliveries_lane_idx"
RECIPIENT_INDEX = "hanko_compat_deliveries_channel_recipient_idx"


@pytest.fixture(autouse=True)
def connected(database: Database):
    with database.connection():
        yield


def put(*, at=NOW, channel: str = "mail", recipient: str = "") -> UUID:
    delivery_id = uuid4()
    rows.create(
        delivery_id=delivery_id,
        channel=channel,
        kind="passcode",
        recipient=recipient,
        payload="x",
        expires_at=LATER,
        now=at,
    )
    return delivery_id


def due(*channels: str, at=NOW, limit=10) -> list[UUID]:
    return [row.id for row in rows.list_due(at=at, limit=limit, channels=channels or ["mail"])]


def test_what_waits_for_longest_comes_first() -> None:
    second, first = put(), put(at=NOW - timedelta(seconds=5))
    put(at=NOW + timedelta(seconds=1))
    assert due() == [first, second]
    assert due(limit=1) == [first]


def test_each_channel_has_its_own_queue() -> None:
    mails = [put(at=NOW - timedelta(seconds=number)) for number in range(3, 0, -1)]
    webhooks = [put(channel="webhook", recipient="a") for _ in range(2)]
    sms = put(channel="sms")
    assert due() == mails
    assert due("sms") == [sms]
    assert set(due("mail", "webhook", limit=2)) == {*mails[:2], *webhooks}
    assert set(due("mail", "webhook", "sms")) == {*mails, *webhooks, sms}


def test_recipients_are_found_one_after_the_other() -> None:
    for name in "caab":
        put(channel="webhook", recipient=name)
    put(channel="hook", recipient="d")
    found, recipient = [], rows.next_recipient("", channel="webhook")
    while recipient:
        found.append(recipient)
        recipient = rows.next_recipient(recipient, channel="webhook")
    assert found == ["a", "b", "c"]


def test_what_is_due_to_one_recipient() -> None:
    first, _, later = [put(channel="webhook", recipient=name) for name in "aba"]
    rows.claim(later, attempts=0, until=LATER)
    found = rows.list_due_to("a", channel="webhook", at=NOW, limit=5)
    assert [row.id for row in found] == [first]


def test_a_claim_keeps_others_off_until_it_ends() -> None:
    delivery_id = put()
    assert rows.claim(delivery_id, attempts=0, until=LATER)
    assert due() == []
    assert due(at=LATER) == [delivery_id]


def test_of_those_who_saw_the_same_one_claims() -> None:
    delivery_id = put()
    assert [rows.claim(delivery_id, attempts=0, until=LATER) for _ in range(3)] == [True, False, False]
    assert rows.claim(delivery_id, attempts=1, until=LATER)


def test_only_the_present_claim_postpones() -> None:
    delivery_id = put()
    rows.claim(delivery_id, attempts=0, until=NOW)
    rows.claim(delivery_id, attempts=1, until=NOW)
    assert not rows.postpone(delivery_id, attempts=1, until=LATER)
    assert due() == [delivery_id]
    assert rows.postpone(delivery_id, attempts=2, until=LATER)
    assert due() == []
    (row,) = rows.list_due(at=LATER, limit=1, channels=["mail"])
    assert (row.attempts, row.failures) == (2, 1)


def test_only_the_present_claim_gives_back() -> None:
    delivery_id = put()
    rows.claim(delivery_id, attempts=0, until=NOW)
    rows.claim(delivery_id, attempts=1, until=LATER)
    assert not rows.give_back(delivery_id, attempts=1, now=NOW)
    assert due() == []
    assert rows.give_back(delivery_id, attempts=2, now=NOW)
    (row,) = rows.list_due(at=NOW, limit=1, channels=["mail"])
    assert (row.id, row.attempts, row.failures) == (delivery_id, 2, 0)


def test_only_the_present_claim_gives_up() -> None:
    delivery_id = put()
    rows.claim(delivery_id, attempts=0, until=NOW)
    rows.claim(delivery_id, attempts=1, until=NOW)
    assert not rows.give_up(delivery_id, attempts=1)
    assert due() == [delivery_id]
    assert rows.give_up(delivery_id, attempts=2)
    assert rows.count() == 0


def test_a_deleted_delivery_is_nobodys() -> None:
    delivery_id, other = put(), put()
    rows.delete(delivery_id)
    rows.delete(delivery_id)
    assert due() == [other]
    assert not rows.claim(delivery_id, attempts=0, until=LATER)
    assert rows.count() == 1


def test_what_waits_for_a_recipient_is_deleted() -> None:
    put(channel="webhook", recipient="a")
    kept = {put(channel="webhook", recipient="b"), put(), put(channel="sms", recipient="a")}
    rows.delete_of_recipient("a", channel="webhook")
    assert set(due("webhook", "mail", "sms")) == kept


def test_the_look_for_work_uses_the_index(database: Database) -> None:
    if database.dialect == "sqlite":
        for statement, indexes in (
            (rows._list_due(("mail", "webhook")), [INDEX, INDEX, LANE_INDEX, LANE_INDEX]),
            (rows._DUE_TO, [LANE_INDEX, RECIPIENT_INDEX]),
            (rows._NEXT_RECIPIENT, [RECIPIENT_INDEX]),
        ):
            sql, values = statement._build().sql()
            plan = str(
                database.peewee.execute_sql(f"EXPLAIN QUERY PLAN {sql}", ["x"] * len(values)).fetchall()
            )
            assert sorted(re.findall(r"hanko_compat_deliveries_\w+_idx", plan)) == sorted(indexes)
            assert "TEMP B-TREE" not in plan
    names = {index.name for index in database.peewee.get_indexes(Delivery._meta.table_name)}
    assert {INDEX, LANE_INDEX, RECIPIENT_INDEX} <= names


def test_a_backlog_is_counted_up_to_a_number() -> None:
    assert rows.backlog("mail", at_most=3) == (0, None)
    for number in range(5):
        put(at=NOW - timedelta(seconds=number))
    put(channel="sms", at=NOW - timedelta(hours=1))
    assert rows.backlog("mail", at_most=10) == (5, NOW - timedelta(seconds=4))
    assert rows.backlog("mail", at_most=3) == (3, NOW - timedelta(seconds=4))
