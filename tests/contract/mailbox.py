"""The mails of the application under replay, as the traces describe them."""

import re
from email.message import EmailMessage
from typing import Any

from tests.inbox import Inbox

CODE = re.compile(r"\b[0-9]{6}\b")


class InboxMailbox:
    """What a test's services have sent."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox

    def observed(self) -> dict[str, Any]:
        """Return what a trace tells about the newest mail."""
        mail, code = self.inbox.messages()[-1], self.passcode()
        parts = {part.get_content_type(): part.get_content() for part in mail.iter_parts()}
        return {
            "from": mail["From"],
            "to": [mail["To"]],
            "type": mail.get_content_type(),
            "parts": sorted(parts),
            "passcode_digits": len(code),
            "passcode_in_subject": code in mail["Subject"],
            "passcode_in_plain": code in parts["text/plain"],
            "passcode_in_html": code in parts["text/html"],
        }

    def count(self) -> int:
        """Return how many mails came."""
        return len(self.inbox.messages())

    def passcode(self) -> str:
        """Return the code in the newest mail; "" without one."""
        mails: list[EmailMessage] = self.inbox.messages()
        found = CODE.search(mails[-1]["Subject"]) if mails else None
        return found[0] if found else ""
