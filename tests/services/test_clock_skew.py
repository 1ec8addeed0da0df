"""Which clocks are right enough to serve with."""

from datetime import UTC, datetime, timedelta

import pytest

from hanko_compat import errors
from hanko_compat.services import clock_skew
from hanko_compat.services.clock_skew import ClockSkew
from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.models import Jwk
from hanko_compat.storage.schema import migrate

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def reading(*, there=None, newest_key=None, is_hankos=False):
    return ClockSkew(here=NOON, there=there, newest_key=newest_key, is_hankos=is_hankos)


@pytest.mark.parametrize(
    ("seconds", "is_fine"), [(0, True), (30, True), (-30, True), (31, False), (-31, False)]
)
def test_the_databases_clock_is_half_a_minute_off_at_most(seconds, is_fine):
    found = reading(there=NOON + timedelta(seconds=seconds))
    assert (found.fault is None) is is_fine
    assert found.skew == timedelta(seconds=abs(seconds))


@pytest.mark.parametrize(
    ("is_hankos", "hours", "is_fine"),
    [(False, -1, True), (False, 1, False), (True, 1, True), (True, 14, True), (True, 15, False)],
)
def test_keys_of_the_future_tell_of_a_clock_that_is_behind(is_hankos, hours, is_fine):
    """Hanko may have written the local time of a zone that is ahead of UTC."""
    found = reading(newest_key=NOON + timedelta(hours=hours), is_hankos=is_hankos)
    assert (found.fault is None) is is_fine


def test_a_right_clock_passes_and_a_wrong_one_is_refused(services, clock):
    clock_skew.require_tolerable(services.database, now=clock)
    with services.database.connection():
        Jwk.update(created_at=clock() + timedelta(hours=1)).execute()
    with pytest.raises(errors.OperatorError, match="the clock is off: a signing key was made in the future"):
        clock_skew.require_tolerable(services.database, now=clock)


def test_a_database_without_tables_has_no_keys_to_look_at(empty_database_url, clock):
    database = open_database(empty_database_url)
    assert clock_skew.measure(database, now=clock).newest_key is None
    migrate.up(database)
    assert clock_skew.measure(database, now=clock).newest_key is None
    database.close_all()
