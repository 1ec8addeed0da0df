"""Delivery to hooks: signed, in order for each user, for a day, and kept then; a slow one delays nobody."""

import json
import logging
import re
from base64 import b64encode
from contextlib import ExitStack
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from hanko_compat import wiring
from hanko_compat.jose import compact_jws
from hanko_compat.services.webhooks.hook_delivery import LIFETIME, TIMEOUT
from hanko_compat.storage.delivery import deliveries as rows
from hanko_compat.storage.models import Delivery, Webhook
from tests.queries import recorded_queries
from tests.receiver import PATIENCE, Receiver, content, eventually
from tests.services.webhooks import hooks

LOOPBACK = {"hanko_compat.webhooks.private_networks": ["127.0.0.0/8"]}
DAY = timedelta(days=1)


@pytest.fixture
def receiver():
    with Receiver() as server:
        yield server


@pytest.fixture
def services(make_services, receiver):
    return make_services(hooks.configured(receiver))


@pytest.fixture
def delivery(services):
    return services.delivery.threads


def claims(services, post):
    token = content(post)["token"]
    return compact_jws.verify(token, find_key=services.keys.find).claims


def numbers(services, receiver):
    return [claims(services, post)["data"]["number"] for post in receiver.received]


def test_what_arrives_is_a_signed_token(services, delivery, receiver, clock):
    hooks.put(services, "user.create", user_id=uuid4(), id="1", emails=[])
    assert delivery.deliver_due() == 1
    (post,) = receiver.received
    assert (post.method, post.path, post.headers["Content-Type"]) == ("POST", "/messages", "application/json")
    assert UUID(post.headers["Webhook-Id"])
    assert set(content(post)) == {"token", "event"}
    now = int(clock().timestamp())
    assert claims(services, post) == {
        "sub": "hanko webhooks",
        "aud": ["localhost"],
        "iat": now,
        "exp": now + 300,
        "evt": "user.create",
        "data": {"id": "1", "emails": []},
    }
    assert hooks.waiting(services) == hooks.dead(services) == []


def test_the_token_is_for_the_audience_of_sessions_and_names_no_issuer(make_services, receiver):
    issuer = {"session.issuer": "https://auth.example.test", "session.audience": ["app", "api"]}
    services = make_services(hooks.configured(receiver) | issuer)
    hooks.put(services)
    services.delivery.threads.deliver_due()
    told = claims(services, receiver.received[0])
    assert (told["aud"], "iss" in told) == (["app", "api"], False)


def test_each_attempt_is_signed_anew(services, delivery, receiver, clock):
    receiver.statuses = [500, 200]
    hooks.put(services)
    delivery.deliver_due()
    clock.advance(minutes=10)
    delivery.deliver_due()
    first, second = receiver.received
    assert claims(services, second)["iat"] == claims(services, first)["iat"] + 600
    assert first.headers["Webhook-Id"] == second.headers["Webhook-Id"]


@pytest.mark.slow
@pytest.mark.parametrize("status", [400, 500, 302])
def test_it_is_tried_for_a_day_and_kept_then(services, delivery, receiver, clock, caplog, status):
    receiver.status = status
    hooks.put(services, "user.create", user_id=uuid4(), name="Jane")
    (row,) = hooks.waiting(services)
    begin, attempts = clock(), 0
    while hooks.waiting(services):
        attempts += delivery.deliver_due()
        clock.advance(minutes=5)
    assert LIFETIME <= clock() - begin < LIFETIME + timedelta(hours=2)
    assert 20 < attempts == len(receiver.received) < 60
    (letter,) = hooks.dead(services)
    assert (letter.id, letter.kind, letter.reason) == (row.id, "user.create", f"status {status}")
    given_up = [record for record in caplog.records if record.message == "hook_given_up"]
    assert len(given_up) == 1


def test_events_of_a_user_wait_for_each_other(services, delivery, receiver, clock):
    receiver.statuses = [500, 200]
    user_id, other = uuid4(), uuid4()
    for number in range(3):
        hooks.put(services, "user.update", user_id=user_id, number=number)
    assert delivery.deliver_due() == 1
    hooks.put(services, "user.update", user_id=other, number=10)
    hooks.put(services, "email.send", user_id=user_id, number=20)
    tried = 0
    while tried < 5:
        clock.advance(seconds=1)
        tried += delivery.deliver_due()
    sent = numbers(services, receiver)
    assert [number for number in sent if number < 10] == [0, 0, 1, 2]
    assert {10, 20} <= set(sent)


def test_a_mail_and_another_user_wait_for_nobody(services, delivery, receiver, clock):
    user_id = uuid4()
    for number in range(3):
        hooks.put(services, "user.update", user_id=user_id, number=number)
    with services.database.connection():
        first = Delivery.select().order_by(Delivery.turn).first()
        rows.claim(first.id, attempts=0, until=clock() + timedelta(minutes=2))  # by another process
    hooks.put(services, "user.update", user_id=uuid4(), number=10)
    hooks.put(services, "email.send", user_id=user_id, number=20)
    delivery.deliver_due()
    assert sorted(numbers(services, receiver)) == [10, 20]


def test_a_dead_letter_lets_the_next_one_go(services, delivery, receiver, clock):
    receiver.status = 500
    user_id = uuid4()
    hooks.put(services, "user.create", user_id=user_id, number=0)
    while not hooks.dead(services):
        delivery.deliver_due()
        clock.advance(minutes=30)
    receiver.status = 200
    hooks.put(services, "user.delete", user_id=user_id, number=1)
    clock.advance(minutes=1)
    delivery.deliver_due()
    assert numbers(services, receiver)[-1] == 1


def test_the_order_survives_two_processes(make_services, receiver, services, clock):
    """Both have threads; what one delivers lets the other go on."""
    settings = hooks.configured(receiver)
    both = [services, make_services(settings)]
    user_ids = [uuid4() for _ in range(3)]
    for number in range(10):
        for user_id in user_ids:
            hooks.put(services, "user.update", user_id=user_id, number=number, user=str(user_id))
    for each in both:
        each.delivery.threads.start()
    try:
        receiver.wait_for(30)
        eventually(lambda: hooks.waiting(services) == [])
    finally:
        have_ended = [each.delivery.threads.stop(patience=PATIENCE) for each in both]
    assert have_ended == [True, True]
    data = [claims(services, post)["data"] for post in receiver.received]
    for user_id in user_ids:
        assert [each["number"] for each in data if each["user"] == str(user_id)] == list(range(10))


def test_a_mail_is_not_sent_after_its_code_has_expired(services, delivery, receiver, clock):
    hooks.put(services, "email.send", expires_at=clock() + timedelta(minutes=5))
    clock.advance(minutes=5)
    assert delivery.deliver_due() == 1
    assert receiver.received == []
    assert [letter.reason for letter in hooks.dead(services)] == ["too late"]


def test_a_mail_is_tried_often_while_its_code_is_good(services, delivery, receiver, clock):
    receiver.status = 503
    hooks.put(services, "email.send", expires_at=clock() + timedelta(minutes=5))
    while hooks.waiting(services):
        delivery.deliver_due()
        clock.advance(seconds=5)
    assert len(receiver.received) >= 8


def test_a_hook_of_the_table_is_switched_off_at_the_sixth_failure_in_a_row(make_services, receiver, clock):
    services = make_services(LOOPBACK)
    hook_id = hooks.add_to_table(services, receiver.url, expires_at=clock())
    receiver.status = 500
    user_id = uuid4()
    for number in range(6):
        hooks.put(services, number=number)
        hooks.put(services, "user.update", user_id=user_id, number=100 + number)
    failures = []
    for _ in range(200):
        services.delivery.threads.deliver_due()
        failures.append(hooks.in_table(services, hook_id).failures)
        clock.advance(seconds=10)
    assert (failures[0], failures[-1]) == (1, 6)
    assert not hooks.in_table(services, hook_id).enabled
    assert hooks.waiting(services) == []
    assert len(hooks.dead(services)) == 12
    hooks.put(services)
    assert hooks.waiting(services) == []


def test_a_delivery_counts_once(make_services, receiver, clock):
    services = make_services(LOOPBACK)
    hook_id = hooks.add_to_table(services, receiver.url, expires_at=clock())
    receiver.status = 500
    hooks.put(services)
    for _ in range(100):
        services.delivery.threads.deliver_due()
        clock.advance(seconds=30)
    assert len(receiver.received) > 6
    row = hooks.in_table(services, hook_id)
    assert (row.failures, row.enabled) == (1, True)


def test_a_success_begins_the_count_again_and_moves_the_expiry(make_services, receiver, clock):
    services = make_services(LOOPBACK)
    hook_id = hooks.add_to_table(services, receiver.url, expires_at=clock())
    receiver.statuses = [500, 200]
    for _ in range(2):
        hooks.put(services)
        services.delivery.threads.deliver_due()
        clock.advance(seconds=5)
    services.delivery.threads.deliver_due()
    row = hooks.in_table(services, hook_id)
    assert row.failures == 0
    assert abs(row.expires_at - clock() - 30 * DAY) < timedelta(minutes=1)


@pytest.mark.slow
def test_hooks_of_the_configuration_are_never_switched_off(services, delivery, receiver, clock):
    receiver.status = 500
    for number in range(10):
        hooks.put(services, number=number)
    for _ in range(60):
        delivery.deliver_due()
        clock.advance(minutes=1)
    receiver.status = 200
    clock.advance(hours=1)
    while delivery.deliver_due():
        pass
    assert hooks.waiting(services) == hooks.dead(services) == []


def test_what_waits_for_one_past_its_expiry_is_kept(make_services, receiver, clock):
    services = make_services(LOOPBACK | {"webhooks.allow_time_expiration": True})
    hook_id = hooks.add_to_table(services, receiver.url, expires_at=clock() + DAY)
    for _ in range(3):
        hooks.put(services)
    clock.advance(days=1)
    services.delivery.threads.deliver_due()
    assert not hooks.in_table(services, hook_id).enabled
    assert [letter.reason for letter in hooks.dead(services)] == ["the hook has expired"] * 3
    assert receiver.received == []


@pytest.mark.parametrize("is_deleted", [True, False])
def test_what_waits_for_one_that_is_off_or_gone_is_kept(make_services, receiver, clock, is_deleted):
    services = make_services(LOOPBACK)
    hook_id = hooks.add_to_table(services, receiver.url, expires_at=clock())
    for number in range(3):
        hooks.put(services, "user.update", user_id=uuid4(), number=number)
    with services.database.connection():
        if is_deleted:
            Webhook.delete().where(Webhook.id == hook_id).execute()
        else:
            Webhook.update(enabled=False).where(Webhook.id == hook_id).execute()
    services.delivery.threads.deliver_due()
    assert (receiver.received, hooks.waiting(services), len(hooks.dead(services))) == ([], [], 3)


def test_what_waits_for_one_that_left_the_configuration_is_kept_after_a_while(
    make_services, services, receiver, clock
):
    """Not at once: a process that has not been started again yet does not know a new hook."""
    hooks.put(services)
    hooks.put(services)
    later = make_services().delivery.threads
    later.deliver_due()
    assert (len(hooks.waiting(services)), hooks.dead(services)) == (2, [])
    clock.advance(minutes=15)
    later.deliver_due()
    assert (receiver.received, hooks.waiting(services)) == ([], [])
    assert [letter.reason for letter in hooks.dead(services)] == ["no such hook"] * 2


def test_one_of_the_table_may_be_in_no_private_network(make_services, receiver, clock, caplog):
    services = make_services()
    hooks.add_to_table(services, receiver.url, expires_at=clock())
    hooks.put(services)
    services.delivery.threads.deliver_due()
    assert receiver.received == []
    (delayed,) = [record for record in caplog.records if record.message == "hook_delayed"]
    assert "private" in delayed.reason


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(services, delivery, receiver, status):
    with Receiver() as inner:
        receiver.status, receiver.headers = status, {"Location": inner.url}
        hooks.put(services)
        delivery.deliver_due()
        assert (len(receiver.received), inner.received) == (1, [])
    assert len(hooks.waiting(services)) == 1


def test_what_no_secret_decrypts_is_kept(services, delivery, receiver):
    hooks.put(services)
    with services.database.connection():
        Delivery.update(payload="damaged").execute()
    delivery.deliver_due()
    assert receiver.received == []
    assert [letter.reason for letter in hooks.dead(services)] == ["no secret decrypts it"]


def test_log_lines_tell_nothing_of_data_and_url(make_services, receiver, caplog):
    settings = hooks.configured(receiver)
    settings["webhooks"]["hooks"][0]["callback"] += "?key=s3cret"
    services = make_services(settings)
    receiver.statuses = [500]
    with caplog.at_level(logging.DEBUG):
        hooks.put(services, name="Jane")
        services.delivery.threads.deliver_due()
    told = json.dumps([vars(record) for record in caplog.records], default=str)
    assert "s3cret" not in told
    assert "Jane" not in told


def test_it_is_given_ten_seconds():
    assert TIMEOUT == 10


def test_a_token_of_a_hook_is_no_session(services, client, delivery, receiver):
    """security.md 25."""
    hooks.put(services, "user.create", user_id=uuid4(), id=str(uuid4()))
    delivery.deliver_due()
    token = content(receiver.received[0])["token"]
    for headers in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"hanko={token}"}):
        assert client.get("/me", headers=headers).status_code == 401
        assert client.get("/sessions/validate", headers=headers).json == {"is_valid": False}
    answer = client.post("/sessions/validate", json={"session_token": token})
    assert answer.json == {"is_valid": False}


@pytest.mark.slow
def test_ten_that_hang_keep_nobody_waiting(make_config, receiver, caplog):
    """Each of them has a thread for as long as it may take; the other one is told everything meanwhile."""
    with ExitStack() as started:
        hanging = [started.enter_context(Receiver(hangs=True)) for _ in range(10)]
        services = wiring.build(make_config(hooks.configured(*hanging, receiver)))
        started.callback(services.database.close_all)
        for _ in range(5):
            hooks.put(services, user_id=uuid4())
        services.delivery.threads.start()
        try:
            receiver.wait_for(5)
            assert "hook_delayed" not in caplog.text  # no attempt at one that hangs has ended
        finally:
            for each in hanging:
                each.release()
            services.delivery.threads.stop(patience=PATIENCE)


@pytest.mark.slow
def test_a_long_queue_for_one_who_is_down_ends_with_its_day(services, delivery, receiver, clock):
    """Who is down gets an attempt now and then, and so do few of the events that wait for it."""
    receiver.status = 503
    for number in range(200):
        hooks.put(services, "user.update", user_id=uuid4(), number=number)
    for _ in range(97):
        delivery.deliver_due()
        clock.advance(minutes=15)
    hooks.put(services, "user.update", user_id=uuid4(), number=200)
    for _ in range(4):
        delivery.deliver_due()
        clock.advance(minutes=15)
    assert len(hooks.waiting(services)) == 1
    assert [letter.reason for letter in hooks.dead(services)] == ["status 503"] * 200


def test_all_that_waits_for_one_who_is_down_is_read_seldom(services, delivery, receiver, clock):
    """One event after the other gets too old, and much may wait that does not."""
    receiver.status = 503
    for _ in range(80):
        hooks.put(services, "user.update", user_id=uuid4())
        clock.advance(seconds=5)
    clock.advance(seconds=DAY.total_seconds() - 420)
    with recorded_queries() as asked:
        for _ in range(30):
            delivery.deliver_due()
            clock.advance(seconds=31)
    assert len(hooks.dead(services)) == 80
    looks = [text for text in asked if re.search(r"failures.\)* AND .*created_at. <= ", text)]
    assert 2 <= len(looks) <= 8


def test_one_event_that_a_receiver_refuses_takes_no_others_with_it(services, delivery, receiver, clock):
    for _ in range(9):
        hooks.put(services, "user.update", user_id=uuid4())
    clock.advance(hours=25)  # every server was down
    receiver.statuses = [400, 200]
    for _ in range(2):
        delivery.deliver_due()
        clock.advance(minutes=1)
    assert len(receiver.received) == 9
    assert len(hooks.dead(services)) == 1
    assert hooks.waiting(services) == []


def test_a_mail_comes_before_a_long_queue(services):
    for _ in range(3):
        hooks.put(services, "user.update", user_id=uuid4())
    hooks.put(services, "email.send", expires_at=services.now() + timedelta(minutes=5))
    with services.database.connection():
        due = rows.list_due(at=services.now(), limit=4, channels=["hook"])
    assert [row.kind for row in due] == ["email.send", *["user.update"] * 3]


@pytest.mark.parametrize(
    ("user", "pair"), [("us%40er:p%3Ass@", b"us@er:p:ss"), ("key@", b"key:"), (":word@", b":word")]
)
def test_credentials_in_a_url_are_sent(make_services, receiver, caplog, user, pair):
    url = receiver.url.replace("://", f"://{user}")
    services = make_services(
        {"webhooks": {"enabled": True, "hooks": [{"callback": url, "events": ["user"]}]}}
    )
    hooks.put(services)
    services.delivery.threads.deliver_due()
    (post,) = receiver.received
    assert post.headers["Authorization"] == f"Basic {b64encode(pair).decode()}"
    assert user not in caplog.text


def test_no_credentials_are_sent_that_a_url_lacks(services, delivery, receiver):
    hooks.put(services)
    delivery.deliver_due()
    assert "Authorization" not in receiver.received[0].headers
