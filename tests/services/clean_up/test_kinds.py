"""What is deleted, and when: each kind of rows, by itself and among all others."""

from datetime import timedelta

import pytest

from hanko_compat.services.clean_up.kinds import AUDIT_LOG
from hanko_compat.storage.engine.deletion import delete_some
from tests.queries import assert_nothing_is_sorted
from tests.services.clean_up.full import KINDS, exists

pytestmark = pytest.mark.every_case
DELETES_AUDIT_ROWS = {"hanko_compat.cleanup.audit_log": True}
A_LITTLE = timedelta(minutes=2)


def test_every_kind_has_its_rows_here(make_services):
    services = make_services({"hanko_compat.cleanup.unverified_sign_ups": "24h"})
    assert {*services.clean_up.runs.kinds} == {*KINDS, "unverified_sign_ups"}


@pytest.mark.parametrize("name", KINDS)
def test_rows_are_kept_for_their_time_and_then_deleted(make_services, clock, name):
    services, (make, kept) = make_services(DELETES_AUDIT_ROWS), KINDS[name]
    clock.time = clock.time.replace(microsecond=0)
    with services.database.connection():
        over, not_yet, new = (make(clock() - age) for age in (kept + A_LITTLE, kept - A_LITTLE, -A_LITTLE))
    runs = services.clean_up.runs
    assert {each.name: each.rows for each in runs.look() if each.rows} == {name: 1}
    done = runs.run()
    assert {each.name: (each.rows, each.kept) for each in done if each.rows} == {name: (1, kept)}
    with services.database.connection():
        assert [exists(row) for row in (over, not_yet, new)] == [False, True, True]


@pytest.mark.parametrize("name", KINDS)
def test_a_shorter_time_may_be_asked_for_but_not_too_short_a_one(services, clock, name):
    make, kept = KINDS[name]
    clock.time = clock.time.replace(microsecond=0)
    least = timedelta(days=1) if name in {"unclaimed_addresses", "empty_users"} else timedelta(minutes=1)
    least = min(least, kept)
    with services.database.connection():
        over, not_yet = make(clock() - least - timedelta(seconds=2)), make(clock() - least / 2)
    services.clean_up.runs.run(kept=timedelta(0), told=[AUDIT_LOG])
    with services.database.connection():
        assert [exists(row) for row in (over, not_yet)] == [False, True]


@pytest.mark.parametrize(
    "changes", [{}, {"audit_log.retention": "", "hanko_compat.cleanup.audit_log": True}], ids=str
)
def test_audit_rows_stay_unless_somebody_says_so_and_for_how_long(make_services, clock, changes):
    services = make_services(changes)
    with services.database.connection():
        row = KINDS[AUDIT_LOG][0](clock() - timedelta(days=1000))
    services.clean_up.runs.run()
    with services.database.connection():
        assert exists(row)


def test_audit_rows_are_kept_as_long_as_the_configuration_says(make_services, clock):
    services = make_services(DELETES_AUDIT_ROWS | {"audit_log.retention": "2160h"})
    with services.database.connection():
        rows = [KINDS[AUDIT_LOG][0](clock() - timedelta(days=days)) for days in (89, 91)]
    services.clean_up.runs.run()
    with services.database.connection():
        assert [exists(row) for row in rows] == [True, False]


def test_each_is_found_by_an_index(services, clock):
    """Addresses and users are walked through, and deliveries that nobody makes are few."""
    for kind in services.clean_up.runs._removers:
        if kind.is_walk() or kind.name == "lost_deliveries":
            continue
        with services.database.connection():
            old = kind._kind.old(clock())
            with assert_nothing_is_sorted(services.database):
                delete_some(old, at_most=10)
