"""What is counted, and under which labels."""

import pytest
from prometheus_client import generate_latest

from hanko_compat.metrics.counters import Metrics


@pytest.fixture
def metrics():
    return Metrics()


def test_requests_are_counted_by_route_method_and_status(metrics):
    for status in (200, 200, 409):
        metrics.count_request(route="/users", method="POST", status=status, seconds=0.02)
    sample = metrics.registry.get_sample_value
    name, labels = "hanko_compat_requests_total", {"route": "/users", "method": "POST"}
    assert sample(name, {**labels, "status": "200"}) == 2
    assert sample(name, {**labels, "status": "409"}) == 1
    assert sample("hanko_compat_request_duration_seconds_count", {"route": "/users"}) == 3
    bucket = "hanko_compat_request_duration_seconds_bucket"
    assert sample(bucket, {"route": "/users", "le": "0.01"}) == 0
    assert sample(bucket, {"route": "/users", "le": "0.025"}) == 3


def test_labels_that_callers_choose_have_few_values(metrics):
    before = len(generate_latest(metrics.registry).splitlines())
    for number in range(100):
        metrics.count_request(route=None, method=f"X{number}", status=405, seconds=0.001)
    assert metrics.registry.get_sample_value(
        "hanko_compat_requests_total", {"route": "none", "method": "other", "status": "405"}
    )
    assert len(generate_latest(metrics.registry).splitlines()) < before + 30


def test_events_and_database_errors(metrics):
    metrics.count_event("user_created")
    metrics.count_database_error()
    sample = metrics.registry.get_sample_value
    assert sample("hanko_compat_events_total", {"type": "user_created"}) == 1
    assert sample("hanko_compat_database_errors_total") == 1


def test_rate_limits(metrics):
    metrics.count_rate_limited("password")
    metrics.count_without_redis()
    sample = metrics.registry.get_sample_value
    assert sample("hanko_compat_rate_limited_total", {"limit": "password"}) == 1
    assert sample("hanko_compat_rate_limits_without_redis_total") == 1


def test_two_applications_in_one_process_count_apart(metrics):
    Metrics().count_event("user_created")
    assert metrics.registry.get_sample_value("hanko_compat_events_total", {"type": "user_created"}) is None


def test_mails(metrics):
    metrics.count_mail("passcode", "sent")
    metrics.count_mail("passcode", "refused")
    sample = metrics.registry.get_sample_value
    assert sample("hanko_compat_mails_total", {"kind": "passcode", "outcome": "sent"}) == 1
    assert sample("hanko_compat_mails_total", {"kind": "passcode", "outcome": "refused"}) == 1


def test_log_ins_and_sign_ups(metrics):
    metrics.count_log_in("passkey", succeeded=True)
    metrics.count_log_in("passkey", succeeded=False)
    metrics.count_sign_up("third_party")
    sample = metrics.registry.get_sample_value
    assert sample("hanko_compat_log_ins_total", {"method": "passkey", "outcome": "succeeded"}) == 1
    assert sample("hanko_compat_log_ins_total", {"method": "passkey", "outcome": "failed"}) == 1
    assert sample("hanko_compat_sign_ups_total", {"method": "third_party"}) == 1


def test_webhooks_by_who_gets_them(metrics):
    metrics.count_webhook("hook", "sent")
    sample = metrics.registry.get_sample_value
    assert sample("hanko_compat_webhooks_total", {"receiver": "hook", "outcome": "sent"}) == 1
