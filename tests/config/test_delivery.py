"""Where mails come from and go to."""

import pytest

from tests.config.example import accepted, refused


@pytest.mark.parametrize("address", ["noreply@example.com", "a.b+c@sub.example.test", "root@localhost"])
def test_senders(address):
    assert accepted({"email_delivery.from_address": address}).email_delivery.from_address == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "noreply",
        "@example.com",
        "noreply@",
        "a@example.com, b@example.com",
        "j\u00f6rg@example.com",
        "a@ex\u00e4mple.com",
        "a b@example.com",
        5,
    ],
)
def test_what_is_no_sender_is_the_default_with_a_warning(address):
    config = accepted({"email_delivery.from_address": address})
    assert config.email_delivery.from_address in {"noreply@hanko.io", "a@example.com"}
    assert [warning.path for warning in config.warnings] == ["email_delivery.from_address"]


@pytest.mark.parametrize("address", ["a@example.com\nBcc: b@example.com", ["a@example.com"]])
def test_what_can_be_no_sender(address):
    (problem,) = refused({"email_delivery.from_address": address})
    assert problem == "email_delivery.from_address: Must be an address such as noreply@example.com."


@pytest.mark.parametrize(
    ("changes", "environ", "has_smtp"),
    [
        ({}, {}, False),
        ({"email_delivery.enabled": True, "email_delivery.smtp": {}}, {}, False),
        ({"email_delivery.smtp.host": "mail.example.com"}, {}, True),
        ({"email_delivery.smtp.port": "25"}, {}, True),
        ({}, {"EMAIL_DELIVERY_SMTP_HOST": "mail.example.com"}, True),
        ({"convert_legacy_config": True, "smtp": {"host": "mail.example.com"}}, {}, True),
    ],
)
def test_whether_a_server_was_named(changes, environ, has_smtp):
    assert accepted(changes, environ).email_delivery.has_smtp is has_smtp


def test_notifications_are_off_by_default():
    settings = accepted()
    assert settings.hanko_compat.mail.security_notifications is False
    assert settings.hanko_compat.mail.templates == ""
