"""Requests that browsers carry to identity providers, and the responses that were taken: each works once.

What belongs to a request lies here, not in ``RelayState``, which has room for 80 bytes (bindings s. 3.4.3):
the browser carries a reference. Another browser can't use it: a cookie tells them apart.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest

from hanko_compat import random_secrets
from hanko_compat.clock import Clock
from hanko_compat.errors.saml_log_in import SamlResponseUsed
from hanko_compat.errors.third_party import (
    ExpectedStateMissing,
    StateExpired,
    StateInvalid,
    StateMalformed,
    StateUsed,
)
from hanko_compat.saml.assertion import Assertion
from hanko_compat.storage import spent_tokens
from hanko_compat.storage.engine.database import Database, IntegrityError
from hanko_compat.storage.models import SamlRequest
from hanko_compat.storage.saml import idp_initiated
from hanko_compat.storage.saml import requests as rows

CALLBACK_PATH = "/saml/callback"
PREFIX = "hanko_spi_"
"""How ``RelayState`` begins where this server has sent the browser, as in the original."""
LENGTH = 43  # characters; log2(62) bits each, so that SHA-256 is enough to store them
REFERENCE = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{LENGTH}}}", re.ASCII)
BROWSER = re.compile(rf"[0-9A-Za-z]{{{LENGTH}}}", re.ASCII)
LIFETIME = timedelta(minutes=5)
LEEWAY = timedelta(seconds=60)
"""How long after its end an assertion may still be taken, because of clocks that differ."""


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A request whose response is awaited: of which domain, and where the browser goes afterwards."""

    key: str
    browser_hash: str
    request_id: str
    domain: str
    redirect_to: str


def new_reference() -> str:
    """Make up a ``RelayState``."""
    return PREFIX + random_secrets.text(LENGTH)


def browser_of(cookie: str | None) -> str:
    """What names a browser: its *cookie*, so that log-ins in several tabs go on, or something new."""
    return cookie if cookie and BROWSER.fullmatch(cookie) else random_secrets.text(LENGTH)


class SamlRequests:
    """Keeps requests for `LIFETIME`, and the IDs of responses for as long as these might be taken."""

    def __init__(self, database: Database, *, now: Clock) -> None:
        self._database = database
        self._now = now

    def keep(self, reference: str, *, browser: str, request_id: str, domain: str, redirect_to: str) -> None:
        """Remember the request behind *reference*, which *browser* is sent away with."""
        expires_at = self._now() + LIFETIME

        def work() -> None:
            rows.create(
                _digest(reference),
                browser_hash=_digest(browser),
                request_id=request_id,
                domain=domain,
                redirect_to=redirect_to,
                expires_at=expires_at,
            )

        self._database.write(work)

    def find(self, reference: str) -> PendingRequest:
        """The request behind *reference*, whoever asks: see `check_browser`.

        Raises:
            StateMalformed: there is none, or its response was taken.
            StateExpired: it is older than `LIFETIME`.
        """
        row = self._row(reference)
        if row.expires_at <= self._now():
            raise StateExpired
        return PendingRequest(row.id, row.browser_hash, row.request_id, row.domain, row.redirect_to)

    def check_browser(self, request: PendingRequest, browser: str | None) -> None:
        """Let the browser pass that was sent away with *request*.

        Raises:
            ExpectedStateMissing: it brings no cookie.
            StateInvalid: it is another one.
        """
        if not browser:
            raise ExpectedStateMissing
        if not compare_digest(request.browser_hash, _digest(browser)):
            raise StateInvalid

    def consume(self, request: PendingRequest) -> None:
        """Use *request* up: of those who bring a response for it at once, one succeeds.

        Raises:
            StateUsed: another one was faster.
        """
        if not self._database.write(lambda: rows.consume(request.key)):
            raise StateUsed

    def take(self, assertion: Assertion, *, is_unsolicited: bool) -> None:
        """Note that a response was taken. Both IDs count: that of the response need not be signed.

        Raises:
            SamlResponseUsed: one of them was taken before.
        """
        now, expires_at = self._now(), assertion.not_on_or_after

        def work() -> None:
            for key in _keys(assertion):
                spent_tokens.create(key, expires_at=expires_at + LEEWAY)
            if is_unsolicited:
                idp_initiated.create(
                    response_id=assertion.response_id,
                    issuer=assertion.issuer,
                    expires_at=expires_at,
                    now=now,
                )

        try:
            self._database.transaction(work)
        except IntegrityError as error:
            raise SamlResponseUsed from error

    def _row(self, reference: str) -> SamlRequest:
        if not REFERENCE.fullmatch(reference):
            raise StateMalformed
        with self._database.connection():
            row = rows.find(_digest(reference))
        if row is None:
            raise StateMalformed
        return row


def _keys(assertion: Assertion) -> Iterator[str]:
    """By what a response is known again, in one order, so that two never wait for each other."""
    ids = (f"response {assertion.response_id}", f"assertion {assertion.assertion_id}")
    yield from sorted(_digest(f"{assertion.issuer}\n{each}") for each in ids)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
