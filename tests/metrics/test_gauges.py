"""What is measured."""

from datetime import UTC, datetime

import pytest

from hanko_compat.metrics.counters import Metrics


@pytest.fixture
def metrics():
    return Metrics()


def test_what_is_in_use_is_what_was_measured_last(metrics):
    for waiting in (5, 2):
        metrics.gauges.show_hashes(waiting=waiting, running=1)
        metrics.gauges.show_connections(in_use=waiting, idle=3, limit=10)
        metrics.gauges.show_queue("mail", length=waiting, age=12.5)
    sample = metrics.registry.get_sample_value
    assert sample("hanko_compat_password_hashes", {"state": "waiting"}) == 2
    assert sample("hanko_compat_password_hashes", {"state": "running"}) == 1
    assert sample("hanko_compat_database_connections", {"state": "in_use"}) == 2
    assert sample("hanko_compat_database_connections", {"state": "idle"}) == 3
    assert sample("hanko_compat_database_connections_limit") == 10
    assert sample("hanko_compat_queue_length", {"channel": "mail"}) == 2
    assert sample("hanko_compat_queue_age_seconds", {"channel": "mail"}) == 12.5


def test_the_moment_of_a_clean_up_is_unix_time(metrics):
    metrics.gauges.note_clean_up(datetime(2026, 1, 1, tzinfo=UTC))
    assert metrics.registry.get_sample_value("hanko_compat_clean_up_timestamp_seconds") == 1767225600
