"""Accounts at other providers as the backend door sees them: ``identities`` and what is beside it.

Older rows have no user of their own: they belong to the user of their address.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from peewee import JOIN

from hanko_compat.storage.engine import paging as lists
from hanko_compat.storage.engine.paging import Branch, Matching, Query
from hanko_compat.storage.models import Email, Identity, SocialAccount


class SocialAccountRecord(NamedTuple):
    """An account at another provider; "" for what was not given."""

    id: UUID
    user_id: UUID
    provider: str
    foreign_id: str
    identifier_value: str
    avatar_url: str
    full_name: str


def create(account: SocialAccountRecord, *, email_id: UUID | None, data: str, now: datetime) -> None:
    """Write an account; *email_id* is the user's address that it goes with, *data* what Hanko keeps of it.

    Raises:
        IntegrityError: a user has this account.
    """
    Identity.insert(
        id=account.id,
        user=account.user_id,
        provider_id=account.provider,
        provider_user_id=account.foreign_id,
        email=email_id,
        data=data,
        created_at=now,
        updated_at=now,
    ).execute()
    SocialAccount.insert(
        identity=account.id,
        identifier_value=account.identifier_value,
        avatar_url=account.avatar_url,
        full_name=account.full_name,
    ).execute()


def list_of_users(user_ids: Sequence[UUID]) -> list[SocialAccountRecord]:
    """The accounts of some users, the oldest first."""
    theirs = Email.select(Email.id).where(Email.user.in_(user_ids))
    return _records(Identity.user.in_(user_ids) | (Identity.user.is_null() & Identity.email.in_(theirs)))


def list_page(query: Query, *, user_id: UUID | None = None) -> list[SocialAccountRecord]:
    """The accounts of a page, in order; with *user_id* those of one user."""
    return lists.list_page(_branches(user_id), query, _by_id)


def matching(query: Query) -> Matching:
    """All accounts that the conditions of *query* leave."""
    return Matching(_branches(None), query.conditions)


def _branches(user_id: UUID | None) -> list[Branch]:
    """Those that have a user of their own, and those that an address links with one."""
    columns = {"provider": Identity.provider_id, "foreign_id": Identity.provider_user_id}
    owned = Email.user.is_null(False) if user_id is None else Email.user == user_id
    own = Identity.user.is_null(False) if user_id is None else Identity.user == user_id
    linked = (Identity.user.is_null(), Identity.email.in_(Email.select(Email.id).where(owned)))
    return [Branch(Identity, columns, where=(own,)), Branch(Identity, columns, where=linked)]


def _by_id(ids: Sequence[UUID]) -> dict[UUID, SocialAccountRecord]:
    return {record.id: record for record in _records(Identity.id.in_(ids))}


def _records(where: Any) -> list[SocialAccountRecord]:
    rows = (
        Identity.select(
            Identity.id,
            Identity.user,
            Email.user,
            Identity.provider_id,
            Identity.provider_user_id,
            SocialAccount.identifier_value,
            Email.address,
            SocialAccount.avatar_url,
            SocialAccount.full_name,
        )
        .join(SocialAccount, JOIN.LEFT_OUTER, on=(SocialAccount.identity == Identity.id))
        .switch(Identity)
        .join(Email, JOIN.LEFT_OUTER, on=(Email.id == Identity.email))
        .where(where)
        .order_by(Identity.created_at, Identity.id)
        .tuples()
    )
    return [_record(*row) for row in rows]


def _record(
    identity_id: UUID,
    user_id: UUID | None,
    owner_id: UUID,
    provider: str,
    foreign_id: str,
    *texts: str | None,
) -> SocialAccountRecord:
    value, address, avatar_url, full_name = texts
    return SocialAccountRecord(
        identity_id,
        user_id or owner_id,
        provider,
        foreign_id,
        value or address or "",
        avatar_url or "",
        full_name or "",
    )
