from email.message import EmailMessage

from hanko_compat.mail.memory import MemorySender


def test_mails_are_kept_in_order() -> None:
    sender, first, second = MemorySender(), EmailMessage(), EmailMessage()
    sender.send(first)
    sender.send(second)
    assert sender.messages == [first, second]
