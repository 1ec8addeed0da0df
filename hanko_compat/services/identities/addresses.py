"""The address of a known account at a provider, which may have become another one since the last log-in."""

from uuid import UUID

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.emails import EmailLimitReached
from hanko_compat.errors.third_party import AddressOnlyClaimed, EntryOutdated, MultipleAccounts
from hanko_compat.mail import languages
from hanko_compat.services.delivery.mails import Mails, Notice
from hanko_compat.services.events import UserChange
from hanko_compat.services.first_proof import FirstProof
from hanko_compat.storage.emails import emails, primary_emails
from hanko_compat.storage.models import Email
from hanko_compat.storage.users import users


class NewAddresses:
    """Gives users the addresses that their providers have verified."""

    def __init__(self, *, first_proof: FirstProof, mails: Mails, max_emails: int, now: Clock) -> None:
        """*max_emails* is how many addresses a user may have."""
        self._first_proof = first_proof
        self._mails = mails
        self._max_emails = max_emails
        self._now = now

    def follow(self, address: str, user_id: UUID, *, client: Client) -> tuple[UUID, UserChange | None]:
        """See to it that an address which a provider has verified is the user's.

        Needs a transaction that has locked the user. Returns its id, and what that has changed.

        Raises:
            MultipleAccounts: it belongs to somebody else.
            EmailLimitReached: the user has ``email.limit`` addresses without it.
            AddressOnlyClaimed: an account only claims it.
            EntryOutdated: somebody else was faster.
        """
        email = emails.find(address)
        if email is not None and email.user_id == user_id:
            return email.id, self._confirm(email, user_id)
        if email is not None and email.user_id is not None:
            self._refuse(email, email.user_id)
        if emails.count(user_id) >= self._max_emails:
            raise EmailLimitReached
        primary, now = emails.find_primary(user_id), self._now()
        if email is None:
            email_id = emails.create(address, user_id=user_id, is_verified=True, now=now)
        elif emails.verify(email.id, user_id=user_id, now=now):
            email_id = email.id
        else:
            raise EntryOutdated
        if primary is None:
            primary_emails.create(user_id=user_id, email_id=email_id, now=now)
        elif primary.verified:
            self._announce(primary, address, client)
        # As Hanko 2.7.0: webhooks tell the two apart.
        return email_id, UserChange.EMAIL_CREATED if email is None else UserChange.UPDATED

    def _confirm(self, email: Email, user_id: UUID) -> UserChange | None:
        """Note that the user reads an address that they have added and not verified.

        It would go to whoever verifies it, and the account at the provider with it. One that the user was
        made in the name of stays as it is: its first proof leaves nothing of what was there before.
        """
        if email.verified or self._first_proof.resets(email):
            return None
        emails.verify(email.id, user_id=user_id, now=self._now())
        return UserChange.EMAIL_CREATED

    def wake(self) -> None:
        """Have mails delivered at once. Call it after the commit."""
        self._mails.wake()

    def _refuse(self, email: Email, owner_id: UUID) -> None:
        locked = emails.find_by_id(email.id) if users.lock(owner_id) else None
        if locked is None or locked.user_id != owner_id:
            raise EntryOutdated
        if self._first_proof.is_foreign(locked):
            raise AddressOnlyClaimed(locked.id, owner_id)
        raise MultipleAccounts(email.address)

    def _announce(self, primary: Email, address: str, client: Client) -> None:
        """Tell the owner of an account at its primary address that it has another one."""
        language = languages.choose(client.x_language, client.accept_language)
        self._mails.notify(Notice.EMAIL_CREATE, to=primary.address, address=address, language=language)
