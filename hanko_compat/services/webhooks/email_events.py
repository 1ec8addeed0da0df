"""Hanko's webhook ``email.send``: a mail with a passcode, which its receiver may send instead of us.

Only passcodes of the public door are told, as by Hanko 2.7.0. The secret of a challenge is in the answer to
the server that asks for it, and security notifications tell of changes that have webhooks of their own.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from hanko_compat.client import Client
from hanko_compat.errors.delivery import MailTemplateInvalid
from hanko_compat.mail import languages
from hanko_compat.mail.render import PASSCODE, Rendered, Renderer
from hanko_compat.services.delivery.mails import passcode_values
from hanko_compat.services.webhooks.hook_queue import HookQueue

logger = logging.getLogger(__name__)

EMAIL_SEND = "email.send"
WITHOUT_TEXTS = {"subject": "", "body_plain": "", "body": ""}
"""What is told where there are no texts: a receiver can do without ours, and a user not without the code."""


class EmailEvents:
    """Tells of mails. While no hook wants it nothing is rendered, and the database is asked nothing."""

    def __init__(self, queue: HookQueue, *, renderer: Renderer, service: str, is_mailed: bool) -> None:
        """*service* is its name; *is_mailed* says whether we send mails ourselves."""
        self._queue = queue
        self._renderer = renderer
        self._service = service
        self._is_mailed = is_mailed

    def of_passcode(
        self, *, to: str, code: str, ttl: timedelta, expires_at: datetime, client: Client
    ) -> Callable[[], None]:
        """Render the mail of a passcode that *client* has asked for; good until *expires_at*.

        Returns what writes it down. Call that in the transaction that stores the passcode, and wake the
        delivery after it.
        """
        if not self._queue.wants(EMAIL_SEND):
            return _nothing
        rendered = self._rendered(code, ttl, languages.choose(client.x_language, client.accept_language))
        header = client.accept_language or ""
        data = {
            "subject": rendered.subject,
            "body_plain": rendered.text,
            "body": rendered.html,
            "to_email_address": to,
            "delivered_by_hanko": self._is_mailed,
            "accept_language": header,
            # Unlike Hanko 2.7.0: what has chosen the language of the texts.
            "language": client.x_language or header,
            "type": PASSCODE,
            "data": {
                "service_name": self._service,
                "otp_code": code,
                "ttl": int(ttl.total_seconds()),
                "valid_until": int(expires_at.timestamp()),
            },
        }
        return lambda: self._queue.put(
            EMAIL_SEND, data, user_id=None, expires_at=expires_at, shorter=data | WITHOUT_TEXTS
        )

    def _rendered(self, code: str, ttl: timedelta, language: str) -> Rendered:
        try:
            return self._renderer.render(PASSCODE, language, passcode_values(code, ttl))
        except MailTemplateInvalid as error:
            reason = str(error)
        logger.error("email_event_not_rendered", extra={"reason": reason})
        return Rendered("", "", "")


def _nothing() -> None:
    """Write nothing down."""
