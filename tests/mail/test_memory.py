from datetime import UTC, datetime
from email.headerregistry import Address

from hanko_compat.mail.memory import MemorySender
from hanko_compat.mail.message import Mail, compose
from hanko_compat.mail.render import Rendered


def mail(name: str) -> Mail:
    sender = Address(addr_spec="noreply@example.test")
    rendered = Rendered(name, "The text", "<p>The page</p>")
    return compose(
        rendered, sender=sender, to="alice@example.test", message_id=name, written_at=datetime.now(UTC)
    )


def test_mails_are_kept_in_order() -> None:
    sender = MemorySender()
    sender.send(mail("first"))
    sender.send(mail("second"))
    sender.rest(idle_for=0)
    assert [message["Subject"] for message in sender.messages] == ["first", "second"]
