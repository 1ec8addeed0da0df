"""A mail on the wire: as Hanko's, and nothing that anybody could slip in."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hanko_compat.errors.delivery import MailRefused
from hanko_compat.mail.languages import LANGUAGES
from hanko_compat.mail.message import compose
from hanko_compat.mail.render import SAMPLES, Rendered, Renderer

SENDER = Address("Conformance Mailer", addr_spec="noreply@example.test")
AT = datetime(2026, 1, 31, 12, 34, 56, tzinfo=UTC)


def mail(rendered: Rendered | None = None, *, to: str = "alice@example.test", sender: Address = SENDER):
    rendered = rendered or Rendered("The subject", "The text\n", "<p>The page</p>\n")
    return compose(rendered, sender=sender, to=to, message_id="some-id", written_at=AT)


def test_headers_and_parts_are_those_of_the_original_and_an_id() -> None:
    message = mail().parsed()
    assert dict(message.items()) | {"Content-Type": ""} == {
        "From": "Conformance Mailer <noreply@example.test>",
        "To": "alice@example.test",
        "Subject": "The subject",
        "Date": "Sat, 31 Jan 2026 12:34:56 +0000",
        "Message-ID": "<some-id@example.test>",
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
        "Content-Type": "",
    }
    assert message.get_content_type() == "multipart/alternative"
    parts = [
        (part.get_content_type(), part.get_content_charset(), part["Content-Transfer-Encoding"])
        for part in message.iter_parts()
    ]
    assert parts == [
        ("text/plain", "utf-8", "quoted-printable"),
        ("text/html", "utf-8", "quoted-printable"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_survives_the_way(language: str) -> None:
    rendered = Renderer(service="Caf\u00e9 \u4e2d\u6587").render("passcode", language, SAMPLES["passcode"])
    raw = mail(rendered).content
    assert raw.isascii()
    assert max(map(len, raw.splitlines())) <= 998  # RFC 5322 s. 2.1.1
    arrived = message_from_bytes(raw, _class=EmailMessage, policy=SMTP)
    assert arrived["Subject"] == rendered.subject
    assert arrived.get_body(("plain",)).get_content().splitlines() == rendered.text.splitlines()
    assert arrived.get_body(("html",)).get_content().splitlines() == rendered.html.splitlines()


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t =._-")))
@example(".")
@example("From here\n.\n..\n--=_hanko_compat--\n= \t\n")
@example("a" * 1000 + " ")
def test_any_text_survives_the_way(text: str) -> None:
    raw = mail(Rendered("The subject", text, text)).content
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 76  # RFC 2045 s. 6.7
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    arrived = message_from_bytes(raw, _class=EmailMessage, policy=SMTP)
    for part in arrived.iter_parts():
        assert part.get_payload(decode=True).decode().replace("\r\n", "\n").removesuffix("\n") == (
            text.removesuffix("\n")
        )


def test_long_subjects_are_folded_and_keep_their_words() -> None:
    subject = "A subject of many words, " * 8 + "which ends here"
    raw = mail(Rendered(subject, "", "")).content
    assert max(map(len, raw.splitlines())) <= 78
    assert message_from_bytes(raw, _class=EmailMessage, policy=SMTP)["Subject"] == subject


@pytest.mark.parametrize(
    "to",
    [
        "=?utf-8?q?eve=40evil.test,?=@example.test",
        "alice@example.test\r\nBcc: eve@evil.test",
        "alice@example.test\nBcc: eve@evil.test",
        "alice@example.test, eve@evil.test",
        "Eve <eve@evil.test>",
        "alice@example.test <eve@evil.test>",
        "team: alice@example.test;",
        "alice",
        "",
        "alice@exa mple.test",
        "alice@-\u00e4.test",
        "l\ufffdon@example.test",
    ],
)
def test_what_is_not_one_address_is_refused(to: str) -> None:
    with pytest.raises(MailRefused):
        mail(to=to)


@pytest.mark.parametrize("to", ["o'neil+x@example.test", '"a b"@example.test', "j\u00f6rg@example.test"])
def test_unusual_addresses_are_taken_as_they_are(to: str) -> None:
    assert mail(to=to).parsed()["To"].addresses[0].addr_spec == to


@pytest.mark.parametrize(
    ("to", "recipient"),
    [
        ('"ab"@example.test', '"ab"@example.test'),
        ('"a\\\\\\"b"@example.test', '"a\\\\\\"b"@example.test'),
        ('"a@b, c"@example.test', '"a@b, c"@example.test'),
        ("a@\uff45xample.test", "a@example.test"),
        ("a@exa\u00admple\u3002test", "a@example.test"),
        ("x" * 70 + "@example.test", "x" * 70 + "@example.test"),
    ],
    ids=ascii,
)
def test_mail_reaches_users_whose_address_has_a_form_that_is_not_taken_any_more(
    to: str, recipient: str
) -> None:
    sent = mail(to=to)
    assert sent.recipient == recipient
    (read,) = sent.parsed()["To"].addresses
    assert [(read.username, read.domain)] == [
        (each.username, each.domain) for each in [Address(addr_spec=recipient)]
    ]


def test_names_of_senders_may_hold_anything_printable() -> None:
    message = mail(sender=Address('A "B", C\u00e4f\u00e9 <x>', addr_spec="noreply@example.test"))
    arrived = message_from_bytes(message.content, _class=EmailMessage, policy=SMTP)
    (address,) = arrived["From"].addresses
    assert (address.display_name, address.addr_spec) == ('A "B", C\u00e4f\u00e9 <x>', "noreply@example.test")


def test_lines_of_a_subject_can_not_become_headers() -> None:
    with pytest.raises(ValueError, match="linefeed"):
        mail(Rendered("The subject\r\nBcc: eve@evil.test", "", ""))
