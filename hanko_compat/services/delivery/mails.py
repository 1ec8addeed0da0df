"""Which mail is sent when. Writing one costs a row; the delivery comes after the commit."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from hanko_compat.clock import Clock
from hanko_compat.mail.languages import DEFAULT, LANGUAGES
from hanko_compat.mail.render import (
    CHALLENGE,
    CHALLENGE_LINK,
    GUESSING,
    GUESSING_LINK,
    KINDS,
    PASSCODE,
    SAMPLES,
    Renderer,
)
from hanko_compat.services.delivery.letters import Letter, Letters
from hanko_compat.services.delivery.queue import Channel

__all__ = ["KINDS", "LANGUAGES", "Mails", "Notice", "Preview", "previews"]

NOTICE_LIFETIME = timedelta(days=1)
"""How long a security notification is worth sending."""


class Notice(StrEnum):
    """Security notifications, named as in ``security_notifications.notifications``."""

    EMAIL_CREATE = "email_create"
    EMAIL_DELETE = "email_delete"
    PRIMARY_EMAIL_UPDATE = "primary_email_update"
    PASSWORD_UPDATE = "password_update"  # noqa: S105 - no password


class Mails:
    """Puts mails into the queue. Where delivery is off it does nothing."""

    def __init__(
        self,
        letters: Letters,
        *,
        enabled: bool,
        notices: Collection[Notice],
        wake: Callable[[], None],
        now: Clock,
    ) -> None:
        """*notices* are those that users get; *wake* tells the delivery of this process."""
        self._letters = letters
        self._enabled = enabled
        self._notices = frozenset(notices)
        self._wake = wake
        self._now = now

    def send_passcode(
        self, *, to: str, code: str, ttl: timedelta, language: str | None, passcode_expires_at: datetime
    ) -> None:
        """Mail a passcode. Call it inside the transaction that stores the passcode, and `wake` after it.

        *language* is one of `hanko_compat.mail.languages.choose`; None is English.
        """
        values = passcode_values(code, ttl)
        self._put(PASSCODE, to=to, language=language, values=values, expires_at=passcode_expires_at)

    def send_challenge_code(
        self, *, to: str, code: str, ttl: timedelta, language: str | None, expires_at: datetime
    ) -> None:
        """Mail the code of a challenge, as `send_passcode` does a passcode."""
        values = {"code": code, "minutes": _minutes(ttl)}
        self._put(CHALLENGE, to=to, language=language, values=values, expires_at=expires_at)

    def send_challenge_link(
        self, *, to: str, link: str, ttl: timedelta, language: str | None, expires_at: datetime
    ) -> None:
        """Mail the link of a challenge, as `send_passcode` does a passcode."""
        values = {"link": link, "minutes": _minutes(ttl)}
        self._put(CHALLENGE_LINK, to=to, language=language, values=values, expires_at=expires_at)

    def notify(self, notice: Notice, *, to: str, address: str | None = None, language: str | None) -> None:
        """Tell somebody of a change to their account, where notifications of this kind are wanted.

        *address* is the one that was added, removed or made primary. Call it inside the transaction that
        makes the change, and `wake` after it.
        """
        if notice not in self._notices:
            return
        now = self._now()
        values = {"address": address or to, "time": _minute(now)}
        self._put(notice, to=to, language=language, values=values, expires_at=now + NOTICE_LIFETIME)

    def send_guessing_notice(self, *, to: str, link: str | None, lifetime: timedelta, language: str) -> None:
        """Tell somebody that strangers guess at their account, with a link to a device cookie, or without.

        *lifetime* is the link's. Call it in a transaction, and `wake` after it.
        """
        now = self._now()
        values, kind = {"time": _minute(now)}, GUESSING
        if link is not None:
            values |= {"link": link, "days": str(lifetime.days)}
            kind = GUESSING_LINK
        self._put(kind, to=to, language=language, values=values, expires_at=now + NOTICE_LIFETIME)

    def wake(self) -> None:
        """Have what was written delivered at once. Call it after the commit."""
        self._wake()

    def _put(
        self, kind: str, *, to: str, language: str | None, values: dict[str, str], expires_at: datetime
    ) -> None:
        if self._enabled:
            letter = Letter(kind=str(kind), to=to, language=language or DEFAULT, values=values)
            self._letters.put(Channel.MAIL, letter, expires_at=expires_at)


def passcode_values(code: str, ttl: timedelta) -> dict[str, str]:
    """What is filled in to the mail of a passcode."""
    return {"code": code, "minutes": _minutes(ttl)}


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def _minutes(ttl: timedelta) -> str:
    # As Hanko 2.7.0: half a minute is rounded to the even number, so 30 seconds are 0 minutes.
    return str(round(ttl / timedelta(minutes=1)))


@dataclass(frozen=True, slots=True)
class Preview:
    """A mail with made-up values; ``name`` is its kind and its language."""

    name: str
    subject: str
    text: str
    html: str


def previews(renderer: Renderer, languages: Iterable[str]) -> Iterator[Preview]:
    """Every kind of mail in each of *languages*.

    Raises:
        MailTemplateInvalid: a template can't be rendered.
    """
    for language in languages:
        for kind in KINDS:
            rendered = renderer.render(kind, language, SAMPLES[kind])
            yield Preview(f"{kind}.{language}", rendered.subject, rendered.text, rendered.html)
