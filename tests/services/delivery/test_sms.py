"""Text messages: as the gateway wants them, at least once, and no code anywhere else."""

import json
import logging
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from hanko_compat.mail.languages import LANGUAGES
from hanko_compat.services.delivery.sms import SmsMessages
from hanko_compat.storage.delivery import deliveries as rows
from tests.gateway import HttpGateway

SMS = "hanko_compat.backend_api.sms"
NUMBER = "+4915091234567"
HERE = {f"{SMS}.private_networks": ["127.0.0.0/8"]}


@pytest.fixture
def gateway():
    with HttpGateway() as gateway:
        yield gateway


@pytest.fixture
def make_sender(make_services, gateway):
    """Services that send through the gateway; then what delivers their messages."""

    def make(changes=None):
        services = make_services(
            HERE | {f"{SMS}.url": gateway.url, f"{SMS}.timeout": "20s"} | (changes or {})
        )
        return services, services.delivery.threads

    return make


def send(services, *, ttl=timedelta(minutes=5), language=None):
    messages: SmsMessages = services.challenges._sms

    def work():
        expires_at = services.now() + ttl
        messages.send_code(to=NUMBER, code="042917", ttl=ttl, language=language, expires_at=expires_at)

    services.database.transaction(work)


def waiting(services):
    with services.database.connection():
        return rows.count()


def test_a_message_is_posted_as_json(make_sender, gateway):
    services, delivery = make_sender({f"{SMS}.headers": {"Authorization": "Bearer hunter2"}})
    send(services)
    assert delivery.deliver_due() == 1
    (received,) = gateway.received
    assert (received.method, received.path) == ("POST", "/messages")
    assert json.loads(received.body) == {
        "to": NUMBER,
        "text": "042917 is your code for Conformance. It is valid for 5 min. Never pass it on.",
    }
    assert received.headers["Content-Type"] == "application/json"
    assert received.headers["Authorization"] == "Bearer hunter2"
    assert waiting(services) == 0


def test_a_message_is_posted_as_a_form(make_sender, gateway):
    changes = {
        f"{SMS}.content_type": "application/x-www-form-urlencoded",
        f"{SMS}.body": "To=$to&Body=$text&Price=$$1&m=$minutes&l=$language&c=$code&i=$id",
        "service.name": "A & B=C+%",
    }
    services, delivery = make_sender(changes)
    send(services, language="fr")
    delivery.deliver_due()
    (received,) = gateway.received
    assert b"To=%2B4915091234567&" in received.body
    form = parse_qs(received.body.decode())
    assert form["To"] == [NUMBER]
    assert form["Body"][0].startswith("042917 est votre code pour A & B=C+%. ")
    assert (form["Price"], form["m"], form["l"], form["c"]) == (["$1"], ["5"], ["fr"], ["042917"])
    assert form["i"] == [received.headers["Idempotency-Key"]]


def test_no_value_breaks_out_of_the_json(make_sender, gateway):
    services, delivery = make_sender({"service.name": 'a", "to": "+1\\ $to {code}'})
    send(services)
    delivery.deliver_due()
    told = json.loads(gateway.received[0].body)
    assert (told["to"], set(told)) == (NUMBER, {"to", "text"})
    assert 'a", "to": "+1\\ $to {code}' in told["text"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_have_code_minutes_and_service(make_sender, gateway, language):
    services, delivery = make_sender()
    send(services, ttl=timedelta(seconds=20), language=language)
    delivery.deliver_due()
    text = json.loads(gateway.received[0].body)["text"]
    assert all(word in text for word in ("042917", "1", "Conformance"))
    assert len(text) <= 160


@pytest.mark.parametrize("status", [301, 307, 401, 403, 408, 429, 500, 503])
def test_a_message_that_is_not_taken_now_is_sent_again(make_sender, gateway, clock, status):
    services, delivery = make_sender()
    gateway.status = status
    send(services)
    delivery.deliver_due()
    assert waiting(services) == 1
    gateway.status = 202
    clock.advance(seconds=2)
    delivery.deliver_due()
    assert waiting(services) == 0
    first, second = gateway.received
    assert first.body == second.body
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_message_that_is_refused_is_not_sent_again(make_sender, gateway, caplog, status):
    services, delivery = make_sender()
    gateway.status = status
    send(services)
    delivery.deliver_due()
    assert waiting(services) == 0
    record = caplog.records[-1]
    assert (record.message, record.kind, record.reason) == (
        "mail_dropped",
        "text_message",
        f"status {status}",
    )


def test_a_gateway_that_is_away(make_sender, gateway, caplog):
    services, delivery = make_sender({f"{SMS}.timeout": "500ms"})
    gateway.hangs = True
    send(services)
    delivery.deliver_due()
    assert caplog.records[-1].reason == "timed out"
    assert waiting(services) == 1


def test_a_message_that_is_of_no_use_any_more_is_not_sent(make_sender, gateway, clock):
    services, delivery = make_sender()
    send(services)
    clock.advance(minutes=5)
    delivery.deliver_due()
    assert gateway.received == []
    assert waiting(services) == 0


def test_nothing_is_posted_to_an_address_that_is_not_listed(make_sender, gateway):
    """Also where a name leads to one, as this does."""
    url = gateway.url.replace("127.0.0.1", "localhost")
    services, delivery = make_sender({f"{SMS}.private_networks": ["10.0.0.0/8"], f"{SMS}.url": url})
    send(services)
    delivery.deliver_due()
    assert gateway.received == []
    assert waiting(services) == 1


def test_no_redirect_is_followed(make_sender, gateway):
    services, delivery = make_sender()
    with HttpGateway() as inside:
        gateway.status, gateway.headers = 302, {"Location": inside.url}
        send(services)
        delivery.deliver_due()
        assert inside.received == []


def test_no_line_holds_the_code_or_the_number(make_sender, gateway, caplog):
    services, delivery = make_sender()
    with caplog.at_level(logging.DEBUG):
        gateway.status = 500
        send(services)
        delivery.deliver_due()
    told = str([vars(record) for record in caplog.records])
    assert "042917" not in told
    assert NUMBER not in told
    assert "+49***********" in told


def test_a_message_waits_encrypted(make_sender):
    services, _ = make_sender()
    send(services)
    with services.database.connection():
        (row,) = rows.list_due(at=services.now(), limit=1, channels={"sms": ()})
    assert NUMBER not in row.payload
    assert "042917" not in row.payload
