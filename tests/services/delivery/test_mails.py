"""Which mails users get."""

from datetime import timedelta

import pytest

from hanko_compat.mail.render import KINDS
from hanko_compat.services.delivery.mails import LANGUAGES, Notice, previews
from hanko_compat.storage.delivery import deliveries as rows
from hanko_compat.wiring import Services
from hanko_compat.wiring.mail import mail_renderer
from tests.inbox import Inbox

ADDRESS = "alice@example.test"
WITH_NOTICES = {"hanko_compat.mail.security_notifications": True}


def send_passcode(services: Services, *, ttl: float = 300, language: str | None = None) -> None:
    def work() -> None:
        services.delivery.mails.send_passcode(
            to=ADDRESS,
            code="042917",
            ttl=timedelta(seconds=ttl),
            language=language,
            passcode_expires_at=services.now() + timedelta(seconds=ttl),
        )

    services.database.transaction(work)


def notify(services: Services, notice: Notice, *, address: str | None = None) -> None:
    def work() -> None:
        services.delivery.mails.notify(notice, to=ADDRESS, address=address, language="en")

    services.database.transaction(work)


def text(inbox: Inbox) -> str:
    (message,) = inbox.messages()
    return message.get_body(("plain",)).get_content()


def test_a_passcode_reaches_its_owner(services: Services, inbox: Inbox) -> None:
    send_passcode(services)
    (message,) = inbox.messages(ADDRESS)
    assert message["Subject"] == "042917 is your passcode for Conformance"
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert all("042917" in part.get_content() for part in message.iter_parts())
    assert inbox.passcode(ADDRESS) == "042917"


@pytest.mark.parametrize(
    ("ttl", "words"),
    [
        (300, "for 5 minutes"),
        (90, "for 2 minutes"),
        (60, "for one minute"),
        (31, "for one minute"),
        (30, "for less than a minute"),
        (150, "for 2 minutes"),
    ],
)
def test_minutes_are_rounded_half_to_even(services: Services, inbox: Inbox, ttl: float, words: str) -> None:
    send_passcode(services, ttl=ttl)
    assert words in text(inbox)


def test_the_language_is_the_callers(services: Services, inbox: Inbox) -> None:
    send_passcode(services, language="fr")
    assert "5 minutes" in text(inbox)
    assert "valable" in text(inbox)


def test_nothing_is_sent_where_delivery_is_off(make_services, inbox: Inbox) -> None:
    services = make_services({"email_delivery.enabled": False} | WITH_NOTICES)
    send_passcode(services)
    notify(services, Notice.PASSWORD_UPDATE)
    with services.database.connection():
        assert rows.count() == 0
    assert inbox.messages() == []


@pytest.mark.parametrize(
    ("notice", "words"),
    [
        (Notice.EMAIL_CREATE, "The address new@example.test was added"),
        (Notice.EMAIL_DELETE, "The address new@example.test was removed"),
        (Notice.PRIMARY_EMAIL_UPDATE, "new@example.test is now the primary address"),
        (Notice.PASSWORD_UPDATE, "The password of your account at Conformance was changed"),
    ],
)
def test_notices_tell_what_changed_and_when(make_services, inbox: Inbox, clock, notice, words) -> None:
    services = make_services(WITH_NOTICES)
    notify(services, notice, address="new@example.test")
    assert words in text(inbox)
    assert f"{clock():%Y-%m-%d %H:%M} (UTC)" in text(inbox)


@pytest.mark.parametrize("notice", Notice)
def test_no_notices_are_sent_by_default(services: Services, inbox: Inbox, notice: Notice) -> None:
    notify(services, notice)
    assert inbox.messages() == []


@pytest.mark.parametrize("notice", Notice)
def test_each_notice_can_be_switched_off(make_services, inbox: Inbox, notice: Notice) -> None:
    off = {f"security_notifications.notifications.{notice}.enabled": False}
    services = make_services(WITH_NOTICES | off)
    for each in Notice:
        notify(services, each)
    assert len(inbox.messages()) == len(Notice) - 1


def test_what_a_user_chose_reaches_no_page_unescaped(make_services, inbox: Inbox) -> None:
    """An address may hold what HTML takes for a tag."""
    services = make_services(WITH_NOTICES)
    notify(services, Notice.EMAIL_CREATE, address='"<img/src=x&y\'>"@example.test')
    (message,) = inbox.messages()
    page = message.get_body(("html",)).get_content()
    assert "<img" not in page
    assert "&lt;img/src=x&amp;y&#39;&gt;" in page
    assert '"<img/src=x&y\'>"@example.test' in message.get_body(("plain",)).get_content()


def test_a_delayed_notice_is_sent_within_a_day(make_services, inbox: Inbox, clock) -> None:
    services = make_services(WITH_NOTICES)
    notify(services, Notice.PASSWORD_UPDATE)
    clock.advance(hours=23)
    assert len(inbox.messages()) == 1


def test_waking_reaches_the_delivery(services: Services) -> None:
    services.delivery.threads.start()
    send_passcode(services)
    services.delivery.mails.wake()
    assert services.delivery.threads.stop(patience=20)


def test_previews_show_every_mail_in_every_language(services: Services) -> None:
    names = [each.name for each in previews(mail_renderer(services.config), LANGUAGES)]
    assert sorted(names) == sorted(f"{kind}.{language}" for kind in KINDS for language in LANGUAGES)
