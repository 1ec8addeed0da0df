"""The owner of an account hears of guesses at it, and gets a link; strangers choose nothing of it."""

import re
from dataclasses import replace
from uuid import uuid4

import pytest

from hanko_compat.storage.models import Delivery
from tests.calls import CALLER
from tests.factories import make_account, make_email, make_primary_email, make_user

ALICE = "alice@example.test"
URL = "https://auth.example.test"
WITH_URL = {"hanko_compat.public_url": URL}
STRANGER = replace(
    CALLER, ip_address="203.0.113.66", user_agent="guesser/1.0", x_language="fr", accept_language="it"
)


def plain(message):
    return message.get_body(("plain",)).get_content()


def test_the_verified_primary_address_gets_a_link(make_services, inbox):
    services = make_services(WITH_URL)
    user_id = make_account(address=ALICE).user_id
    services.guessing_notices.send(user_id, STRANGER)
    (message,) = inbox.messages()
    assert message["To"] == ALICE
    assert message["Subject"] == "Somebody is guessing at your account at Conformance"
    (token,) = re.findall(rf"{URL}/device-cookie\?token=(\S+)", plain(message))
    assert services.device_links.use_up(token) == user_id
    assert token in message.get_body(("html",)).get_content()


def test_it_says_nothing_of_the_stranger(make_services, inbox):
    services = make_services(WITH_URL)
    services.guessing_notices.send(make_account(address=ALICE).user_id, STRANGER)
    (message,) = inbox.messages()
    for word in (STRANGER.ip_address, STRANGER.user_agent, STRANGER.request_id):
        assert word not in message.as_string()


def test_without_a_public_url_there_is_no_link(services, inbox):
    services.guessing_notices.send(make_account(address=ALICE).user_id, STRANGER)
    (message,) = inbox.messages()
    assert "only a few tries a day" in plain(message)
    assert "http" not in message.as_string()


def test_the_language_is_the_configured_one(make_services, inbox):
    services = make_services({**WITH_URL, "hanko_compat.mail.language": "de"})
    services.guessing_notices.send(make_account(address=ALICE).user_id, STRANGER)
    (message,) = inbox.messages()
    assert message["Subject"] == "Jemand probiert Passwörter für Ihr Konto bei Conformance aus"
    assert "7 Tage lang" in plain(message)


def nobody():
    return uuid4()


def without_an_address():
    return make_user().id


def with_an_unverified_address():
    user = make_user()
    make_primary_email(make_email(user=user, verified=False, address=ALICE))
    return user.id


def with_another_verified_address():
    user_id = with_an_unverified_address()
    make_email(user=user_id, address="other@example.test")
    return user_id


@pytest.mark.parametrize(
    "make", [nobody, without_an_address, with_an_unverified_address, with_another_verified_address]
)
def test_others_get_none(services, inbox, make):
    services.guessing_notices.send(make(), STRANGER)
    assert inbox.messages() == []


@pytest.mark.parametrize("off", ["hanko_compat.mail.guessing_notice", "email_delivery.enabled"])
def test_it_can_be_switched_off(make_services, inbox, off):
    services = make_services({off: False})
    services.guessing_notices.send(make_account(address=ALICE).user_id, STRANGER)
    with services.database.connection():
        assert Delivery.select().count() == 0
    assert inbox.messages() == []


def test_it_waits_encrypted(make_services):
    services = make_services(WITH_URL)
    services.guessing_notices.send(make_account(address=ALICE).user_id, STRANGER)
    with services.database.connection():
        (row,) = Delivery.select()
    assert (row.kind, row.channel) == ("guessing_link", "mail")
    assert ALICE not in row.payload
    assert "token" not in row.payload
