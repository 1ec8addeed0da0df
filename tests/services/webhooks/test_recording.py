"""Webhooks are written down with what they report, or not at all."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

import pytest

from hanko_compat.services.events import Event, EventType
from hanko_compat.services.webhooks.endpoints import LIFETIME, WebhookEndpoints
from hanko_compat.storage.models import Delivery, User
from hanko_compat.wiring.events import build_events
from tests.calls import CALLER
from tests.queries import assert_query_count, recorded_queries

ALL = (
    "passkey-login.completed",
    "passkey.created",
    "passkey.deleted",
    "user.created",
    "user.updated",
    "user.deleted",
)


def subscribe(services, *events):
    return services.webhooks.endpoints.create(
        url="http://hooks.example.test/", events=events or ALL, custom_headers={}
    )


def waiting(services):
    """What waits: the endpoint, the type and the body of each."""
    with services.database.connection():
        rows = Delivery.select().order_by(Delivery.created_at, Delivery.id)
        return [(UUID(row.recipient), row.kind, json.loads(row.payload)) for row in rows]


def make_user(services):
    return services.users.records.create(name="Jane Doe", status="active", client=CALLER)


def test_nothing_is_written_without_an_endpoint(services):
    make_user(services)
    assert waiting(services) == []


def test_without_an_endpoint_nothing_is_asked_either(services):
    make_user(services)
    with assert_query_count(1):
        make_user(services)


def test_each_endpoint_is_told_what_it_wants_to_hear(services):
    first, second = subscribe(services, "user.created", "user.deleted"), subscribe(services, "user.created")
    subscribe(services, "passkey.created")
    user = make_user(services)
    assert {(endpoint, type_) for endpoint, type_, _ in waiting(services)} == {
        (first.id, "user.created"),
        (second.id, "user.created"),
    }
    services.users.records.delete(user.id, client=CALLER)
    assert next(row for row in waiting(services) if row[1] == "user.deleted")[0] == first.id
    assert len(waiting(services)) == 3


def test_what_is_rolled_back_is_not_told(services):
    subscribe(services)
    event = Event(type=EventType.USER_CREATED, client=CALLER, user_id=make_user(services).id)
    told = len(waiting(services))

    def work():
        services.events.record(event)
        raise KeyError

    with pytest.raises(KeyError):
        services.database.transaction(work)
    assert len(waiting(services)) == told


def test_an_event_and_its_user_are_written_together(make_services):
    refused = []

    def refuse_some(_event):
        if refused:
            raise refused.pop()

    services = make_services(instead={build_events: partial(build_events, durable=[refuse_some])})
    subscribe(services)
    make_user(services)
    refused.append(KeyError)
    with pytest.raises(KeyError):
        make_user(services)
    with services.database.connection():
        assert User.select().count() == 1
    assert len(waiting(services)) == 1


def test_a_failure_is_no_news(services):
    subscribe(services)
    user = make_user(services)
    failed = Event(
        type=EventType.WEBAUTHN_REGISTRATION_FINAL_FAILED, client=CALLER, user_id=user.id, error="no"
    )
    services.events.report(failed, services.database)
    assert [type_ for _, type_, _ in waiting(services)] == ["user.created"]


def test_an_event_of_nobody_that_there_is_is_not_told(services):
    subscribe(services)
    gone = Event(type=EventType.USER_UPDATED, client=CALLER)
    services.database.transaction(lambda: services.events.record(gone))
    assert waiting(services) == []


def test_an_endpoint_of_another_process_is_known_after_two_seconds(services, clock):
    make_user(services)
    others = WebhookEndpoints(services.database, secrets=services.config.secrets.keys, now=clock)
    endpoint = others.create(url="http://hooks.example.test/", events=ALL, custom_headers={})
    make_user(services)
    assert waiting(services) == []
    clock.advance(seconds=LIFETIME.total_seconds())
    make_user(services)
    assert [endpoint_id for endpoint_id, _, _ in waiting(services)] == [endpoint.id]
    others.delete(endpoint.id)
    make_user(services)  # a row that nobody gets does no harm


def test_every_one_of_many_users_at_once_is_told(services):
    subscribe(services)
    with ThreadPoolExecutor(4) as pool:
        made = {user.id for user in pool.map(lambda _: make_user(services), range(12))}
    told = {body["data"]["user"]["id"] for _, _, body in waiting(services)}
    assert told == {f"usr-{user_id.int}" for user_id in made}


def test_the_delivery_is_woken_for_what_somebody_wants(services):
    woken = []
    listener = services.events._for_changes[0].__self__
    listener._wake = lambda: woken.append(1)
    make_user(services)
    assert woken == []
    subscribe(services, "user.created")
    make_user(services)
    assert woken == [1]


def test_endpoints_are_read_once_for_many_events(services):
    subscribe(services, "passkey.created")
    make_user(services)
    with recorded_queries() as statements:
        for _ in range(5):
            make_user(services)
    assert not [each for each in statements if "webhook" in each]
