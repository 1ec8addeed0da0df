"""The proof of an address by a passcode: it belongs to the user from then on, and is verified."""

from dataclasses import replace
from uuid import UUID

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.emails import EmailClaimed, EmailLimitReached
from hanko_compat.errors.users import ForeignAccount
from hanko_compat.jose.session_token import TokenEmail, TokenSubject
from hanko_compat.mail import languages
from hanko_compat.services.delivery.mails import Mails, Notice
from hanko_compat.services.events import Event, EventType, UserChange
from hanko_compat.services.sessions import subjects
from hanko_compat.storage.emails import emails, primary_emails
from hanko_compat.storage.models import Email
from hanko_compat.storage.users import users


def may_have(email: Email, user_id: UUID, *, caller_id: UUID | None) -> bool:
    """Whether the address is the user's, or may become it; *caller_id* is whose session the request carries.

    Nothing links an address that belongs to no user with one.
    """
    if email.user_id is not None:
        return bool(email.user_id == user_id)
    # Unlike Hanko 2.7.0: to an account that has something to lose only its own session attaches one.
    return caller_id == user_id or users.is_fresh(user_id)


class EmailVerification:
    """What a good passcode changes, in the transaction that has locked the user."""

    def __init__(self, *, mails: Mails, max_emails: int, now: Clock) -> None:
        """*max_emails* is how many addresses a user may have."""
        self._mails = mails
        self._max_emails = max_emails
        self._now = now

    def settle(
        self,
        user_id: UUID,
        email: Email | None,
        subject: TokenSubject,
        *,
        caller_id: UUID | None,
        client: Client,
    ) -> tuple[TokenSubject, tuple[Event, ...]]:
        """Verify the address, and make it the primary one of a user who has none.

        Returns the user as the token names it, and the events of it.

        Raises:
            ForeignAccount: the address is gone, or not for this user.
            EmailClaimed: the address has become another user's.
            EmailLimitReached: the user has ``email.limit`` addresses without this one.
        """
        if subject.email is None:
            # A log-in for which this one has waited may have given the user a primary address.
            subject = subjects.get(user_id)
        # As Hanko 2.7.0: the subject of before, so this first token does not tell of the verification yet.
        email, is_news = self._verified(email, user_id, caller_id=caller_id)
        happened: list[tuple[EventType, UserChange | None]] = []
        if is_news:
            # As Hanko 2.7.0: webhooks hear of a user when the first address is verified, and of nothing else.
            is_first = email.user_id is None and caller_id is None
            change = UserChange.CREATED if is_first else UserChange.EMAIL_CREATED
            happened.append((EventType.EMAIL_VERIFIED, change))
            self._announce(email, subject.email, client)
        if subject.email is None:
            primary_emails.create(user_id=user_id, email_id=email.id, now=self._now())
            primary = TokenEmail(email.address, is_primary=True, is_verified=True)
            subject = replace(subject, email=primary)
            made_primary = None if is_news else UserChange.PRIMARY_EMAIL_CHANGED
            happened.insert(0, (EventType.PRIMARY_EMAIL_CHANGED, made_primary))
        events = [
            Event(type=type_, client=client, user_id=user_id, email=subject.address, change=change)
            for type_, change in happened
        ]
        return subject, tuple(events)

    def _verified(self, email: Email | None, user_id: UUID, *, caller_id: UUID | None) -> tuple[Email, bool]:
        """Note that the user reads the address, and give it to the user; False when both is known already."""
        if email is not None and email.user_id not in (None, user_id):
            raise EmailClaimed
        if email is None or not may_have(email, user_id, caller_id=caller_id):
            raise ForeignAccount
        # Unlike Hanko 2.7.0: the limit of addresses holds here, too.
        if email.user_id is None and emails.count(user_id) >= self._max_emails:
            raise EmailLimitReached
        if email.user_id is not None and email.verified:
            return email, False
        if not emails.verify(email.id, user_id=user_id, now=self._now()):
            raise EmailClaimed  # somebody else was faster
        return email, True

    def _announce(self, email: Email, primary: TokenEmail | None, client: Client) -> None:
        """Tell the owner of an account at its primary address that it has another one."""
        if email.user_id is None and primary is not None and primary.is_verified:
            language = languages.choose(client.x_language, client.accept_language)
            self._mails.notify(
                Notice.EMAIL_CREATE, to=primary.address, address=email.address, language=language
            )
