"""The mailbox of development: files that a reader and the next start of the server find."""

import os
import stat
from datetime import UTC, datetime
from email.headerregistry import Address
from pathlib import Path

import pytest

from hanko_compat.errors.delivery import MailDelayed
from hanko_compat.mail.mailbox import KEPT, Mailbox
from hanko_compat.mail.memory import MemorySender
from hanko_compat.mail.message import compose
from hanko_compat.mail.render import Rendered

AT = datetime(2026, 1, 31, 12, 34, 56, tzinfo=UTC)


def mail(name: str, *, subject: str = "The subject"):
    rendered = Rendered(subject, "Caf\u00e9\n", "<p>Page</p>\n")
    sender = Address(addr_spec="noreply@example.test")
    return compose(rendered, sender=sender, to="alice@example.test", message_id=name, written_at=AT)


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def mailbox(tmp_path: Path, told: list[str]) -> Mailbox:
    return Mailbox(tmp_path / "var" / "mails", announce=told.append, forward=None)


def send(mailbox: Mailbox, folder: Path, *names: str) -> None:
    for number, name in enumerate(names):
        mailbox.send(mail(name))
        os.utime(folder / "var" / "mails" / f"{name}.eml", (number, number))


def test_mails_are_kept_the_newest_first(mailbox: Mailbox, tmp_path: Path) -> None:
    assert mailbox.list() == []
    send(mailbox, tmp_path, "one", "two", "three")
    again = Mailbox(tmp_path / "var" / "mails", announce=print, forward=None)
    assert [each.name for each in again.list()] == ["three", "two", "one"]


def test_a_mail_can_be_read(mailbox: Mailbox) -> None:
    mailbox.send(mail("one"))
    found = mailbox.find("one")
    assert found is not None
    assert (found.to, found.subject, found.written_at) == ("alice@example.test", "The subject", AT)
    assert found.text.splitlines() == ["Caf\u00e9"]
    assert found.html.splitlines() == ["<p>Page</p>"]
    assert mailbox.find("../one") is None


def test_each_mail_is_told_in_one_line(mailbox: Mailbox, told: list[str]) -> None:
    mailbox.send(mail("one", subject="123456 is it"))
    mailbox.send(mail("one", subject="123456 is it"))
    mailbox.send(mail("two", subject="Bell \u0007 \u2028"))
    assert told == [
        "mail to alice@example.test: 123456 is it",
        "mail to alice@example.test: Bell \\x07 \\u2028",
    ]


def test_only_the_owner_reads_them(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.send(mail("one"))
    for path in (tmp_path / "var" / "mails").rglob("*"):
        assert not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def test_old_mails_go(mailbox: Mailbox, tmp_path: Path) -> None:
    names = [str(number) for number in range(KEPT + 2)]
    send(mailbox, tmp_path, *names)
    assert [each.name for each in mailbox.list()] == names[:1:-1]


def test_a_real_server_gets_them_too(tmp_path: Path) -> None:
    server = MemorySender()
    mailbox = Mailbox(tmp_path, announce=lambda _line: None, forward=server)
    mailbox.send(mail("one"))
    assert (len(server.messages), len(mailbox.list())) == (1, 1)


def test_a_real_server_that_fails_is_no_secret(tmp_path: Path) -> None:
    class Down:
        def send(self, message) -> None:
            raise MailDelayed("connection refused")

    mailbox = Mailbox(tmp_path, announce=lambda _line: None, forward=Down())
    with pytest.raises(MailDelayed):
        mailbox.send(mail("one"))
    assert len(mailbox.list()) == 1
