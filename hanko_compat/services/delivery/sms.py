"""SMS: text messages to telephone numbers, posted to an HTTP gateway from the queue."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from string import Template
from urllib.parse import quote

from hanko_compat.errors.delivery import MailDelayed, MailRefused
from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client.client import Client
from hanko_compat.mail.languages import DEFAULT, texts
from hanko_compat.services.delivery.letters import Letter, Letters
from hanko_compat.services.delivery.queue import Channel, Claim
from hanko_compat.special_purpose import Networks

KIND = "text_message"
"""The kind of SMS in the queue, the log and the metrics."""

FORM = "application/x-www-form-urlencoded"
LATER = {401, 402, 403, 404, 405, 407, 408, 425, 429}
"""Statuses that are not about the message: the operator may correct what causes them before it expires."""


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Where and how messages are posted; without a ``url`` there are none. ``timeout`` in seconds."""

    url: str
    content_type: str
    body: str  # with places for `Gateway.values`
    headers: Mapping[str, str]
    timeout: float
    networks: Networks


class SmsMessages:
    """Puts SMS into the queue."""

    def __init__(self, letters: Letters, *, is_enabled: bool) -> None:
        """*is_enabled* says whether there is a gateway."""
        self._letters = letters
        self.is_enabled = is_enabled

    def send_code(
        self, *, to: str, code: str, ttl: timedelta, language: str | None, expires_at: datetime
    ) -> None:
        """Send a code to a telephone number.

        Call it inside the transaction that stores the code, and wake the delivery after it. *language* is one
        of `hanko_compat.mail.languages.choose`; None is English.
        """
        minutes = str(max(1, round(ttl / timedelta(minutes=1))))
        letter = Letter(KIND, to, language or DEFAULT, {"code": code, "minutes": minutes})
        self._letters.put(Channel.SMS, letter, expires_at=expires_at)


class Gateway:
    """Posts SMS to the configured gateway. Threads may share it."""

    def __init__(self, settings: GatewaySettings, *, service: str) -> None:
        """*service* is what messages call the service."""
        self._settings = settings
        self._client = Client(timeout=settings.timeout, networks=settings.networks)
        self._service = service
        self._body = Template(settings.body)

    def send(self, claim: Claim, letter: Letter) -> None:
        """Post a message.

        Raises:
            MailRefused: the gateway refuses this message for good.
            MailDelayed: it did not take it now.
        """
        settings = self._settings
        headers = {
            **settings.headers,
            "Content-Type": settings.content_type,
            # The same when the message is sent again, so that a gateway that knows this sends it once.
            "Idempotency-Key": str(claim.delivery_id),
        }
        try:
            status = self._client.post_for_status(settings.url, self._filled(claim, letter), headers)
        except RequestFailed as error:
            raise MailDelayed(error.reason) from error
        if 200 <= status < 300:
            return
        if 400 <= status < 500 and status not in LATER:
            raise MailRefused(f"status {status}")
        raise MailDelayed(f"status {status}")

    def _filled(self, claim: Claim, letter: Letter) -> bytes:
        known = {**letter.values, "service": self._service}
        values = {
            **letter.values,
            "to": letter.to,
            "text": texts(letter.language)["text_message"]["text"].format_map(known),
            "language": letter.language,
            "id": str(claim.delivery_id),
        }
        escape = _in_form if self._settings.content_type == FORM else _in_json
        return self._body.substitute({name: escape(value) for name, value in values.items()}).encode()


def _in_json(text: str) -> str:
    """*text* as it stands between the quotes of a JSON string (RFC 8259 s. 7)."""
    return json.dumps(text)[1:-1]


def _in_form(text: str) -> str:
    """*text* as it stands in a form (WHATWG URL s. 5.2)."""
    return quote(text, safe="")
