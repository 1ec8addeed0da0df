"""Delivery of webhooks: to a real server, at least once, again after failures, only where that is allowed."""

import base64
import json
import logging
from datetime import timedelta
from ipaddress import ip_network
from itertools import repeat

import pytest

from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.http_client.client import Client
from hanko_compat.services.delivery.backoff import fixed_pauses
from hanko_compat.services.delivery.dispatcher import Dispatcher
from hanko_compat.services.delivery.queue import Channel, DeliveryQueue
from hanko_compat.services.delivery.threads import DeliveryThreads
from hanko_compat.services.webhooks.delivery import LIMITS, PAUSES, TIMEOUT, WebhookCarrier
from hanko_compat.storage.delivery import deliveries as rows
from hanko_compat.storage.models import Delivery as Row
from tests.calls import CALLER
from tests.http_client.names import resolving
from tests.receiver import LOOPBACK, PATIENCE, Receiver, content, eventually
from tests.services.delivery.queues import WatchedQueue

ATTEMPTS = len(PAUSES) + 1
HERE = [ip_network("127.0.0.0/8")]
LEASE = LIMITS.lease


@pytest.fixture
def receiver():
    with Receiver() as server:
        yield server


@pytest.fixture
def services(make_services):
    return make_services(LOOPBACK)


@pytest.fixture
def delivery(services):
    return services.delivery.threads


def subscribe(services, receiver, **changes):
    settings = {"url": receiver.url, "events": ["user.created"], "custom_headers": {}} | changes
    return services.webhooks.endpoints.create(**settings)


def make_user(services):
    return services.users.records.create(name="Jane Doe", status="active", client=CALLER)


def another(services, clock, *, queue=None, client=None, backoff=None, **options):
    """What another process would deliver with."""
    client = client or Client(timeout=TIMEOUT, networks=HERE)
    carrier = WebhookCarrier(services.webhooks.endpoints, client=client, backoff=backoff)
    dispatcher = Dispatcher(queue or DeliveryQueue(services.database, now=clock), [carrier])
    return DeliveryThreads(dispatcher, **{"pause_without_database": 60} | options)


def waiting(services):
    with services.database.connection():
        return list(Row.select().order_by(Row.created_at))


def sooner(clock, failures):
    """Move to when the pause after so many failures has ended for certain."""
    clock.advance(seconds=PAUSES[failures - 1].total_seconds() * 1.25)


def test_what_arrives_is_what_happened(services, delivery, receiver):
    subscribe(services, receiver, custom_headers={"X-Tenant": "one", "User-Agent": "mine"})
    user = make_user(services)
    (row,) = waiting(services)
    assert delivery.deliver_due() == 1
    (post,) = receiver.received
    assert (post.method, post.path) == ("POST", "/messages")
    assert post.body.decode() == row.payload
    assert content(post)["data"]["user"]["id"] == f"usr-{user.id.int}"
    headers = {name: post.headers[name] for name in ("Content-Type", "X-Corbado-Webhook-Event", "X-Tenant")}
    assert headers == {
        "Content-Type": "application/json",
        "X-Corbado-Webhook-Event": "user.created",
        "X-Tenant": "one",
    }
    assert post.headers["User-Agent"] == "mine"
    assert "Authorization" not in post.headers
    assert waiting(services) == []
    assert delivery.deliver_due() == 0


def test_credentials_are_sent(services, delivery, receiver):
    subscribe(
        services, receiver, username="jane", password="gehéim", custom_headers={"authorization": "Bearer x"}
    )
    make_user(services)
    delivery.deliver_due()
    scheme, _, encoded = receiver.received[0].headers["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(encoded).decode()) == ("Basic", "jane:gehéim")


def test_a_header_of_their_own_authenticates_too(services, delivery, receiver):
    subscribe(services, receiver, custom_headers={"Authorization": "Bearer x"})
    make_user(services)
    delivery.deliver_due()
    assert receiver.received[0].headers["Authorization"] == "Bearer x"
    assert receiver.received[0].headers["User-Agent"].startswith("hanko-compat/")


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_success_is_one(services, delivery, receiver, status):
    receiver.status = status
    subscribe(services, receiver)
    make_user(services)
    assert delivery.deliver_due() == 1
    assert waiting(services) == []


@pytest.mark.parametrize("statuses", [[500], [404, 503], [301, 410]])
def test_a_failure_is_tried_again(services, delivery, receiver, clock, caplog, statuses):
    receiver.statuses = [*statuses, 200]
    subscribe(services, receiver)
    make_user(services)
    with caplog.at_level(logging.INFO):
        for failures in range(1, len(statuses) + 1):
            assert delivery.deliver_due() == 1
            assert delivery.deliver_due() == 0
            sooner(clock, failures)
        assert delivery.deliver_due() == 1
    assert waiting(services) == []
    assert len({post.body for post in receiver.received}) == 1
    lines = [record.message for record in caplog.records if record.message.startswith("webhook")]
    assert lines == ["webhook_delayed"] * len(statuses) + ["webhook_sent"]


def test_after_two_retries_it_is_given_up(services, delivery, receiver, clock, caplog):
    receiver.status = 500
    subscribe(services, receiver)
    make_user(services)
    for failures in range(1, ATTEMPTS + 1):
        assert delivery.deliver_due() == 1
        if failures < ATTEMPTS:
            sooner(clock, failures)
    assert waiting(services) == []
    clock.advance(days=1)
    assert delivery.deliver_due() == 0
    assert len(receiver.received) == ATTEMPTS == 3
    (given_up,) = [record for record in caplog.records if record.message == "webhook_given_up"]
    assert (given_up.levelname, given_up.reason) == ("ERROR", "status 500")


def test_nobody_there(services, delivery, clock, caplog):
    with Receiver() as gone:
        subscribe(services, gone)
    make_user(services)
    assert delivery.deliver_due() == 1
    (delayed,) = [record for record in caplog.records if record.message == "webhook_delayed"]
    assert delayed.reason == "Connection refused"
    assert [row.failures for row in waiting(services)] == [1]


def test_an_endpoint_that_does_not_answer(services, clock, receiver, caplog):
    delivery = another(services, clock, client=Client(timeout=0.2, networks=HERE))
    receiver.hangs = True
    subscribe(services, receiver)
    make_user(services)
    assert delivery.deliver_due() == 1
    (delayed,) = [record for record in caplog.records if record.message == "webhook_delayed"]
    assert delayed.reason == "timed out"
    assert len(waiting(services)) == 1


def test_it_is_given_ten_seconds():
    assert TIMEOUT == 10
    assert timedelta(seconds=10 * TIMEOUT) < LEASE


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(services, delivery, receiver, status):
    with Receiver() as inner:
        receiver.status, receiver.headers = status, {"Location": inner.url}
        subscribe(services, receiver)
        make_user(services)
        delivery.deliver_due()
        assert (len(receiver.received), inner.received) == (1, [])
    assert len(waiting(services)) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0.0.0.0"])
def test_nothing_is_sent_to_this_machine_by_default(make_services, receiver, caplog, host):
    """Whatever it is called, the address that would be connected to decides."""
    services = make_services()
    subscribe(services, receiver, url=f"http://{host}:{receiver.port}/")
    make_user(services)
    assert services.delivery.threads.deliver_due() == 1
    (delayed,) = [record for record in caplog.records if record.message == "webhook_delayed"]
    assert "private" in delayed.reason
    assert receiver.received == []


def test_a_name_that_leads_to_this_machine(services, clock, receiver):
    """It is looked up once, so that what is checked is what would be connected to."""
    looked_up, real = [], resolving({"hooks.example.test": [("127.0.0.1", receiver.port)]})

    def resolve(host, port, **options):
        looked_up.append(host)
        return real(host, port, **options)

    subscribe(services, receiver, url=f"http://hooks.example.test:{receiver.port}/")
    make_user(services)
    another(services, clock, client=Client(timeout=TIMEOUT, resolve=resolve)).deliver_due()
    assert (receiver.received, len(looked_up)) == ([], 1)
    assert len(waiting(services)) == 1


def test_another_network_that_is_allowed_does_not_help(make_services, receiver):
    services = make_services({"hanko_compat.backend_api.webhooks.private_networks": ["10.0.0.0/8"]})
    subscribe(services, receiver)
    make_user(services)
    services.delivery.threads.deliver_due()
    assert receiver.received == []


def test_a_deleted_endpoint_hears_nothing(services, delivery, receiver, clock):
    endpoint = subscribe(services, receiver)
    make_user(services)
    (row,) = waiting(services)
    services.webhooks.endpoints.delete(endpoint.id)
    assert waiting(services) == []
    with services.database.connection():
        # Another process did not know yet.
        queue = DeliveryQueue(services.database, now=clock)
        queue.put(Channel.WEBHOOK, kind=row.kind, recipient=str(endpoint.id), payload=row.payload)
    assert delivery.deliver_due() == 1
    assert (receiver.received, waiting(services)) == ([], [])


def test_an_endpoint_that_moved_hears_it_at_its_new_place(services, delivery, receiver):
    endpoint = subscribe(services, receiver, url="http://127.0.0.1:9/")
    make_user(services)
    services.webhooks.endpoints.update(endpoint.id, url=receiver.url)
    delivery.deliver_due()
    assert len(receiver.received) == 1


def test_what_somebody_claimed_and_left_is_taken_after_its_lease(services, delivery, receiver, clock):
    subscribe(services, receiver)
    make_user(services)
    (row,) = waiting(services)
    with services.database.connection():
        assert rows.claim(row.id, attempts=0, until=clock() + LEASE)
        assert not rows.claim(row.id, attempts=0, until=clock() + LEASE)
    assert delivery.deliver_due() == 0
    clock.advance(seconds=LEASE.total_seconds())
    assert delivery.deliver_due() == 1
    assert len(receiver.received) == 1


def test_a_killed_attempt_is_no_failure_of_the_endpoint(services, delivery, receiver, clock):
    subscribe(services, receiver)
    make_user(services)
    (row,) = waiting(services)
    for attempts in range(5):
        with services.database.connection():
            assert rows.claim(row.id, attempts=attempts, until=clock())
    assert delivery.deliver_due() == 1
    assert (len(receiver.received), waiting(services)) == (1, [])


def test_who_lost_its_claim_changes_nothing(services, clock, receiver):
    subscribe(services, receiver)
    make_user(services)
    (row,) = waiting(services)
    with services.database.connection():
        rows.claim(row.id, attempts=0, until=clock())
        rows.claim(row.id, attempts=1, until=clock())
        rows.postpone(row.id, attempts=1, until=clock() + timedelta(days=1))
        rows.give_up(row.id, attempts=1)
    (row,) = waiting(services)
    assert (row.attempts, row.failures) == (2, 0)


def test_threads_deliver_each_once(services, delivery, receiver):
    subscribe(services, receiver)
    delivery.start()
    try:
        made = {make_user(services).id for _ in range(12)}
        posts = receiver.wait_for(12)
        eventually(lambda: waiting(services) == [])
    finally:
        assert delivery.stop(patience=PATIENCE)
    assert {content(post)["data"]["user"]["id"] for post in posts[:12]} == {
        f"usr-{user.int}" for user in made
    }
    assert len(receiver.received) == 12


def test_two_processes_share_the_work(services, delivery, receiver, clock):
    subscribe(services, receiver)
    for _ in range(12):
        make_user(services)
    running = (delivery, another(services, clock))
    try:
        for each in running:
            each.start()
        receiver.wait_for(12)
        eventually(lambda: waiting(services) == [])
    finally:
        have_ended = [each.stop(patience=PATIENCE) for each in running]
    assert have_ended == [True, True]
    assert len(receiver.received) == 12


def test_an_endpoint_that_hangs_does_not_hold_up_the_others(services, delivery, receiver):
    with Receiver(hangs=True) as slow:
        subscribe(services, slow)
        for _ in range(8):
            make_user(services)
        subscribe(services, receiver)
        delivery.start()
        try:
            slow.wait_for(1)
            make_user(services)
            receiver.wait_for(1)
            assert len(slow.received) == 1
        finally:
            slow.release()
            assert delivery.stop(patience=PATIENCE)


def test_it_goes_on_when_the_database_is_back(services, clock, receiver, caplog):
    queue = WatchedQueue(services.database, now=clock)
    queue.failures = repeat(DatabaseUnavailable(), 2)
    delivery = another(services, clock, queue=queue, pause_without_database=0.01)
    subscribe(services, receiver)
    with caplog.at_level(logging.INFO):
        delivery.start(threads={Channel.WEBHOOK: 1})
        try:
            make_user(services)
            receiver.wait_for(1)
        finally:
            assert delivery.stop(patience=PATIENCE)
    lines = [record.message for record in caplog.records if record.message.startswith("webhooks_")]
    assert lines == ["webhooks_unreachable", "webhooks_reachable"]


def test_log_lines_tell_nothing_of_body_and_credentials(services, delivery, receiver, caplog):
    receiver.statuses = [500]
    subscribe(services, receiver, url=receiver.url + "?token=s3cret", username="u", password="p4ss")
    make_user(services)
    with caplog.at_level(logging.DEBUG):
        delivery.deliver_due()
    told = json.dumps([vars(record) for record in caplog.records], default=str)
    for secret in ("s3cret", "p4ss", "Jane"):
        assert secret not in told


def test_pauses_differ(services, clock, receiver):
    receiver.status = 500
    subscribe(services, receiver)
    make_user(services)
    backoff = fixed_pauses(PAUSES, jitter=lambda _low, high: high)
    assert another(services, clock, backoff=backoff).deliver_due() == 1
    (row,) = waiting(services)
    wanted = clock() + PAUSES[0] * 1.25
    assert abs(row.next_attempt_at - wanted) < timedelta(seconds=1)
