"""What is written for hooks: for those that want it, encrypted, with its place in a lane."""

from datetime import timedelta
from uuid import uuid4

import pytest

from hanko_compat.services.delivery.queue import Claim
from hanko_compat.storage.models import Webhook
from tests.receiver import Receiver
from tests.services.webhooks import hooks

URL = "http://127.0.0.1:9/hook"


@pytest.fixture
def receiver():
    with Receiver() as server:
        yield server


@pytest.mark.parametrize(
    ("subscribed", "event", "is_wanted"),
    [
        ("user", "user.create", True),
        ("user", "user.update.email.primary", True),
        ("user.update", "user.update.email.primary", True),
        ("user.update.email.create", "user.update.email", False),
        ("user", "email.send", False),
        ("email.send", "email.send", True),
        ("", "user.create", False),
        (None, "user.create", False),
    ],
)
def test_a_hook_gets_what_one_of_its_events_is_the_begin_of(services, clock, subscribed, event, is_wanted):
    hooks.add_to_table(services, URL, expires_at=clock(), events=[subscribed])
    assert services.webhooks.hook_queue.wants(event) == is_wanted
    hooks.put(services, event)
    assert len(hooks.waiting(services)) == is_wanted


@pytest.mark.parametrize(("enabled", "number"), [(True, 2), (False, 0)])
def test_hooks_of_the_configuration_need_its_switch(make_services, receiver, enabled, number):
    settings = hooks.configured(receiver, receiver)
    services = make_services({"webhooks": settings["webhooks"] | {"enabled": enabled}})
    hooks.put(services)
    assert len({row.recipient for row in hooks.waiting(services)}) == number


def test_one_that_is_off_gets_nothing(services, clock):
    hooks.add_to_table(services, URL, expires_at=clock(), enabled=False)
    assert not services.webhooks.hook_queue.wants("user.create")


def test_a_change_of_the_table_is_seen(services, clock):
    assert not services.webhooks.hook_queue.wants("user.create")
    hook_id = hooks.add_to_table(services, URL, expires_at=clock())
    clock.advance(seconds=2)
    assert services.webhooks.hook_queue.wants("user.create")
    with services.database.connection():
        Webhook.update(enabled=False).where(Webhook.id == hook_id).execute()
    clock.advance(seconds=2)
    assert not services.webhooks.hook_queue.wants("user.create")


@pytest.mark.parametrize(("may_expire", "number"), [(False, 1), (True, 0)])
def test_one_past_its_expiry_is_switched_off_where_that_is_wanted(make_services, clock, may_expire, number):
    services = make_services({"webhooks.allow_time_expiration": may_expire})
    hook_id = hooks.add_to_table(services, URL, expires_at=clock())
    hooks.put(services)
    assert len(hooks.waiting(services)) == number
    assert hooks.in_table(services, hook_id).enabled != may_expire


def test_one_that_another_process_has_renewed_is_told(make_services, clock):
    """A process goes on for two seconds with what it has read of the table."""
    services = make_services({"webhooks.allow_time_expiration": True})
    hook_id = hooks.add_to_table(services, URL, expires_at=clock() + timedelta(seconds=1))
    assert services.webhooks.hook_queue.wants("user.create")
    clock.advance(seconds=1.5)
    with services.database.connection():
        Webhook.update(expires_at=clock() + timedelta(days=30)).where(Webhook.id == hook_id).execute()
    hooks.put(services)
    assert (len(hooks.waiting(services)), hooks.in_table(services, hook_id).enabled) == (1, True)


def test_nothing_of_an_event_is_stored_in_clear(make_services, receiver):
    services = make_services(hooks.configured(receiver))
    hooks.put(services, "email.send", otp_code="042917", to="alice@example.test")
    (row,) = hooks.waiting(services)
    assert "alice" not in row.payload
    claim = Claim(row.id, row.channel, row.kind, row.recipient, row.payload, 1, 0, row.created_at, None)
    data = {"otp_code": "042917", "to": "alice@example.test"}
    assert services.webhooks.hook_queue.read(claim) == data


def test_an_event_that_no_column_holds_fails_no_request(make_services, receiver, caplog):
    services = make_services(hooks.configured(receiver))
    hooks.put(services, text="".join(uuid4().hex for _ in range(5000)))
    assert hooks.waiting(services) == []
    assert "hook_event_too_long" in caplog.text


def test_events_of_a_user_have_turns_that_grow_also_when_the_clock_goes_back(make_services, receiver, clock):
    services, user_id = make_services(hooks.configured(receiver)), uuid4()
    hooks.put(services, "user.create", user_id=user_id)
    hooks.put(services, "user.update", user_id=user_id)
    clock.advance(minutes=-5)
    hooks.put(services, "user.delete", user_id=user_id)
    assert [row.kind for row in hooks.waiting(services)] == ["user.create", "user.update", "user.delete"]
    assert len({row.turn for row in hooks.waiting(services)}) == 3
    assert len({row.lane for row in hooks.waiting(services)}) == 1


def test_mails_and_events_of_nobody_are_in_no_lane(make_services, receiver, clock):
    services = make_services(hooks.configured(receiver))
    hooks.put(services, "email.send", user_id=uuid4(), expires_at=clock() + timedelta(minutes=5))
    hooks.put(services, "user.create")
    assert [row.lane for row in hooks.waiting(services)] == ["", ""]
