"""The audit log: each event as a row of the table ``audit_logs`` and as a line of JSON on the console."""

import json
from datetime import UTC
from typing import TextIO

from hanko_compat.clock import Clock
from hanko_compat.services.events import Event
from hanko_compat.storage import audit as audit_logs

SHOWN = 3  # characters of an address that masking leaves


def mask(address: str) -> str:
    """Hide an address: its first three characters and its domain stay, so that people recognise their own.

    Of a telephone number the first three stay.
    """
    local, at, domain = address.rpartition("@")
    if not at:
        local, domain = domain, ""
    return local[:SHOWN] + "*" * len(local[SHOWN:]) + at + domain


class AuditTable:
    """Writes each event as a row, in the transaction of what it reports (``audit_log.storage``)."""

    def __init__(self, *, masked: bool, now: Clock) -> None:
        self._masked = masked
        self._now = now

    def __call__(self, event: Event) -> None:
        """Write the row of *event*."""
        audit_logs.create(
            type=event.type,
            error=event.error,
            request_id=event.client.request_id,
            source_ip=event.client.ip_address,
            user_agent=event.client.user_agent,
            actor_user_id=event.user_id,
            actor_email=_email(event, masked=self._masked),
            # As Hanko 2.7.0: as Go writes JSON, and `null` from the endpoints of this API.
            details=json.dumps(event.details, ensure_ascii=False, separators=(",", ":"), sort_keys=True),
            now=self._now(),
        )


class AuditConsole:
    """Writes each event as a line of JSON (``audit_log.console_output``)."""

    def __init__(self, stream: TextIO, *, masked: bool, now: Clock) -> None:
        self._stream = stream
        self._masked = masked
        self._now = now

    def __call__(self, event: Event) -> None:
        """Write the line of *event*, with the names of the table's columns."""
        line = {
            "time": self._now().astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "audience": "audit",
            "type": event.type,
            "error": event.error,
            "http_request_id": event.client.request_id,
            "source_ip": event.client.ip_address,
            "user_agent": event.client.user_agent,
            "actor_user_id": str(event.user_id) if event.user_id else None,
            "actor_email": _email(event, masked=self._masked),
            "details": event.details,
        }
        # One call for one line: threads share the stream.
        self._stream.write(json.dumps(line) + "\n")
        self._stream.flush()


def _email(event: Event, *, masked: bool) -> str | None:
    return mask(event.email) if event.email and masked else event.email
