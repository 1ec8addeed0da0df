"""Reading the audit log: in order, in steps, and each new row once."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanko_compat.services.audit.reading import LATENESS, AuditLogReader, Wanted
from hanko_compat.storage import audit as rows

SECOND = timedelta(seconds=1)
ALICE, BOB = UUID(int=1), UUID(int=2)


@pytest.fixture
def reader(services, clock):
    return AuditLogReader(services.database, now=clock, step=3)


@pytest.fixture
def write(services, clock):
    """Write rows, told apart by their request's id, with a time that is so many seconds ago."""

    def write(*names, ago=0, type_="user_created", user_id=ALICE):
        for name in names:
            services.database.transaction(
                lambda name=name: rows.create(
                    type=type_, error=None, request_id=name, source_ip="", user_agent="",
                    actor_user_id=user_id, actor_email=None, details="null", now=clock() - ago * SECOND,
                )
            )  # fmt: skip

    return write


def names(entries):
    return [entry.request_id for entry in entries]


def told(follower):
    return names(entry for step in follower.look() for entry in step)


def test_the_latest_come_last(reader, write):
    for ago in range(9, 0, -1):
        write(f"{ago} s ago", ago=ago)
    assert names(reader.latest(Wanted(), at_most=4)) == ["4 s ago", "3 s ago", "2 s ago", "1 s ago"]
    assert names(reader.latest(Wanted(), at_most=0)) == []


def test_all_are_read_in_steps_also_those_of_one_moment(reader, write):
    write(*"abcdefg", ago=2)
    write("last", ago=1)
    *together, last = names(reader.all(Wanted()))
    assert (sorted(together), last) == (list("abcdefg"), "last")


def test_only_what_is_wanted(reader, write, clock):
    write("old", ago=100)
    write("bob's", ago=3, user_id=BOB)
    write("a log-in", ago=2, type_="password_login_succeeded")
    write("a deletion", ago=1, type_="user_deleted")
    since = clock() - 50 * SECOND
    for wanted, expected in (
        (Wanted(user_id=BOB), ["bob's"]),
        (Wanted(types=("user_deleted", "password_login_succeeded")), ["a log-in", "a deletion"]),
        (Wanted(since=since), ["bob's", "a log-in", "a deletion"]),
        (Wanted(user_id=ALICE, types=("user_created",), since=since), []),
    ):
        assert names(reader.all(wanted)) == names(reader.latest(wanted, at_most=100)) == expected


def test_an_entry_has_what_was_written(reader, services, clock):
    rows_of = {"type": "rate_limited", "error": "too often", "request_id": "r", "source_ip": "203.0.113.7"}
    services.database.transaction(
        lambda: rows.create(
            **rows_of, user_agent="browser", actor_user_id=ALICE, actor_email="a@x.test", details='{"a":1}',
            now=clock(),
        )
    )  # fmt: skip
    (entry,) = reader.all(Wanted())
    assert (entry.type, entry.error, entry.request_id, entry.source_ip) == tuple(rows_of.values())
    assert (entry.user_id, entry.email, entry.details) == (ALICE, "a@x.test", '{"a":1}')
    assert abs(entry.created_at - clock()) < SECOND


def test_a_follower_tells_of_new_rows_once(reader, write, clock):
    write("before")
    follower = reader.follow(Wanted())
    assert told(follower) == []
    write(*"abcd")
    assert sorted(told(follower)) == list("abcd")
    assert told(follower) == []
    clock.advance(seconds=5)
    write("e")
    assert told(follower) == ["e"]


def test_a_row_that_appears_late_is_not_missed(reader, write, clock):
    follower = reader.follow(Wanted())
    write("prompt")
    assert told(follower) == ["prompt"]
    clock.advance(seconds=20)
    write("late", ago=50)
    assert told(follower) == ["late"]
    assert told(follower) == []


def test_a_look_that_was_cut_short_is_made_again(reader, write, clock):
    follower = reader.follow(Wanted())
    write(*"ab", ago=3)
    write(*"cd", ago=2)
    look = follower.look()
    first, _ = names(next(look)), names(next(look))
    look.close()
    clock.advance(minutes=10)  # the database was away for so long
    write("e")
    assert sorted([*first, *told(follower)]) == list("abcde")


def test_what_is_noted_is_not_told_again(reader, write):
    follower = reader.follow(Wanted())
    write("listed")
    assert names(map(follower.note, reader.all(Wanted()))) == ["listed"]
    assert told(follower) == []


def test_a_follower_forgets_what_cannot_come_again(reader, write, clock):
    follower = reader.follow(Wanted())
    for _ in range(5):
        write(str(uuid4()))
        list(follower.look())
        clock.advance(seconds=LATENESS.total_seconds())
    list(follower.look())
    assert len(follower._known) <= 2


@pytest.mark.one_database
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.integers(0, 55), st.just("look"), st.just("tick")), max_size=25))
def test_whatever_the_order_each_row_is_told_once(services, write, clock, steps):
    """Rows that appear up to 55 seconds after their time, between looks, as time goes on."""
    follower = AuditLogReader(services.database, now=clock, step=2).follow(Wanted())
    written, seen = [], []
    for step in [*steps, "look"]:
        if step == "tick":
            clock.advance(seconds=4)
        elif step == "look":
            seen += told(follower)
        else:
            written.append(str(uuid4()))
            write(written[-1], ago=step)
    assert sorted(seen) == sorted(written)
