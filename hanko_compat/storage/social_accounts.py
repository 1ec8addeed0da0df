"""Accounts at other providers as the backend door sees them: ``identities`` and what is beside it."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from peewee import JOIN

from hanko_compat.storage.models import Identity, SocialAccount


class SocialAccountRecord(NamedTuple):
    """An account at another provider; "" for what nobody has told us."""

    id: UUID
    user_id: UUID
    provider: str
    foreign_id: str
    identifier_value: str
    avatar_url: str
    full_name: str


def list_of_users(user_ids: Sequence[UUID]) -> list[SocialAccountRecord]:
    """The accounts of some users, the oldest first."""
    rows = (
        Identity.select(
            Identity.id,
            Identity.user,
            Identity.provider_id,
            Identity.provider_user_id,
            SocialAccount.identifier_value,
            SocialAccount.avatar_url,
            SocialAccount.full_name,
        )
        .join(SocialAccount, JOIN.LEFT_OUTER, on=(SocialAccount.identity == Identity.id))
        .where(Identity.user.in_(user_ids))
        .order_by(Identity.created_at, Identity.id)
        .tuples()
    )
    return [SocialAccountRecord(*row[:4], *(text or "" for text in row[4:])) for row in rows]
