"""Accounts at other providers, as servers link them with users: rows of Hanko's ``identities``."""

import json
from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID, uuid4

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.social_accounts import SocialAccountAlreadyTaken
from hanko_compat.errors.users import UserNotFound
from hanko_compat.services.events import Event, Events, EventType
from hanko_compat.services.paging import Page, Totals
from hanko_compat.storage import social_accounts as rows
from hanko_compat.storage.emails import emails
from hanko_compat.storage.engine.database import Database, IntegrityError
from hanko_compat.storage.engine.paging import Query
from hanko_compat.storage.social_accounts import SocialAccountRecord
from hanko_compat.storage.users import users


class ProviderType(StrEnum):
    """The providers that servers may name."""

    GOOGLE = "google"
    MICROSOFT = "microsoft"
    GITHUB = "github"
    CUSTOM = "custom"


class SocialAccounts:
    """Links users with accounts at providers, and lists these."""

    def __init__(self, database: Database, *, events: Events, totals: Totals, now: Clock) -> None:
        self._database = database
        self._events = events
        self._totals = totals
        self._now = now

    def create(
        self,
        user_id: UUID,
        *,
        provider: ProviderType,
        identifier_value: str,
        foreign_id: str,
        avatar_url: str,
        full_name: str,
        client: Client,
    ) -> SocialAccountRecord:
        """Link a user with an account; where *identifier_value* is an address of the user, with that, too.

        Raises:
            UserNotFound: no user has this id.
            SocialAccountAlreadyTaken: somebody has this account.
        """
        account = SocialAccountRecord(
            uuid4(), user_id, provider, foreign_id, identifier_value, avatar_url, full_name
        )
        details = {"social_account_id": str(account.id), "provider": provider}
        created = Event(
            type=EventType.SOCIAL_ACCOUNT_CREATED, client=client, user_id=user_id, details=details
        )

        def work() -> None:
            # The user's addresses stay as they are until this is done.
            if not users.lock(user_id):
                raise UserNotFound
            email = emails.find(identifier_value.lower())
            is_own = email is not None and email.user_id == user_id
            email_id = email.id if email is not None and is_own else None
            rows.create(account, email_id=email_id, data=_claims(account), now=self._now())
            self._events.record(created)

        try:
            self._database.transaction(work)
        except IntegrityError as error:
            raise SocialAccountAlreadyTaken from error
        self._events.publish(created)
        return account

    def list(self, query: Query) -> Page[SocialAccountRecord]:
        """A page of the accounts of all users; columns: provider, foreign_id."""
        with self._database.connection():
            found = rows.list_page(query)
            matching = rows.matching(query)
            total = self._totals.of(
                "social_accounts", query, len(found), matching.count, estimate=matching.estimate
            )
        return Page(found, total)

    def list_of_user(self, user_id: UUID, query: Query) -> Sequence[SocialAccountRecord]:
        """A page of the accounts of one user; columns as above.

        Raises:
            UserNotFound: no user has this id.
        """
        with self._database.connection():
            found = rows.list_page(query, user_id=user_id)
            if not found and not users.exists(user_id):
                raise UserNotFound
        return found


def _claims(account: SocialAccountRecord) -> str:
    """What is known of the account, by the names that providers use (OpenID Connect Core s. 5.1)."""
    return json.dumps(
        {
            "sub": account.foreign_id,
            "email": account.identifier_value,
            "name": account.full_name,
            "picture": account.avatar_url,
        }
    )
