from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from hanko_compat.clock import utc_now
from hanko_compat.storage import delivery as outbox
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import OutboxMail

NOW = utc_now().replace(microsecond=0)
LATER = NOW + timedelta(seconds=30)


@pytest.fixture(autouse=True)
def connected(database: Database):
    with database.connection():
        yield


def put(*, at=NOW) -> UUID:
    mail_id = uuid4()
    outbox.create(mail_id=mail_id, kind="passcode", payload="x", expires_at=LATER, now=at)
    return mail_id


def due(at=NOW, limit=10) -> list[UUID]:
    return [row.id for row in outbox.list_due(at=at, limit=limit)]


def test_what_waits_for_longest_comes_first() -> None:
    second, first = put(), put(at=NOW - timedelta(seconds=5))
    put(at=NOW + timedelta(seconds=1))
    assert due() == [first, second]
    assert due(limit=1) == [first]


def test_a_claim_keeps_others_off_until_it_ends() -> None:
    mail_id = put()
    assert outbox.claim(mail_id, attempts=0, until=LATER)
    assert due() == []
    assert due(LATER) == [mail_id]


def test_of_those_who_saw_the_same_one_claims() -> None:
    mail_id = put()
    assert [outbox.claim(mail_id, attempts=0, until=LATER) for _ in range(3)] == [True, False, False]
    assert outbox.claim(mail_id, attempts=1, until=LATER)


def test_only_the_present_claim_postpones() -> None:
    mail_id = put()
    outbox.claim(mail_id, attempts=0, until=NOW)
    outbox.claim(mail_id, attempts=1, until=NOW)
    assert not outbox.postpone(mail_id, attempts=1, until=LATER)
    assert due() == [mail_id]
    assert outbox.postpone(mail_id, attempts=2, until=LATER)
    assert due() == []


def test_a_deleted_mail_is_nobodys() -> None:
    mail_id, other = put(), put()
    outbox.delete(mail_id)
    outbox.delete(mail_id)
    assert due() == [other]
    assert not outbox.claim(mail_id, attempts=0, until=LATER)
    assert outbox.count() == 1


def test_the_look_for_work_uses_the_index(database: Database) -> None:
    if database.dialect == "sqlite":
        query, values = OutboxMail.select().where(OutboxMail.next_attempt_at <= NOW).limit(1).sql()
        plan = database.peewee.execute_sql(f"EXPLAIN QUERY PLAN {query}", values).fetchall()
        assert "hanko_compat_outbox_next_attempt_at_idx" in str(plan)
    names = {index.name for index in database.peewee.get_indexes("hanko_compat_outbox")}
    assert "hanko_compat_outbox_next_attempt_at_idx" in names
