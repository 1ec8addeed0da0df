"""Queries of the tables ``identities`` and ``saml_identities``: accounts at other providers."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from peewee import JOIN

from hanko_compat.storage.engine.recorded_text import recorded_json
from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import Email, Identity, SamlIdentity

_FIND = Statement(lambda: _find())
_CREATE = Statement(
    lambda: Identity.insert(
        id=argument("id", Identity.id),
        provider_id=argument("provider_id", Identity.provider_id),
        provider_user_id=argument("subject", Identity.provider_user_id),
        user=argument("user_id", Identity.user),
        email=argument("email_id", Identity.email),
        data=argument("data", Identity.data),
        created_at=argument("now", Identity.created_at),
        updated_at=argument("now", Identity.updated_at),
    ),
)
_UPDATE = Statement(
    lambda: Identity.update(
        user=argument("user_id", Identity.user),
        email=argument("email_id", Identity.email),
        data=argument("data", Identity.data),
        updated_at=argument("now", Identity.updated_at),
    ).where(Identity.id == argument("id", Identity.id)),
)


class IdentityRecord(NamedTuple):
    """An account at a provider; ``user_id`` is its user, by the row or, in old rows, by the address."""

    id: UUID
    user_id: UUID | None
    email_id: UUID | None


def find(provider_id: str, subject: str) -> IdentityRecord | None:
    """The account that a provider calls exactly *subject*, or None."""
    row = _FIND.first(provider_id=provider_id, subject=subject)
    if row is None:
        return None
    identity_id, stored_provider, stored_subject, email_id, user_id, owner_id = row
    # Compared again: collations of MySQL and MariaDB ignore case, accents and trailing blanks.
    if (stored_provider, stored_subject) != (provider_id, subject):
        return None
    return IdentityRecord(identity_id, user_id or owner_id, email_id)


def has_collision(provider_id: str, subject: str) -> bool:
    """Whether the unique key refuses an account for another one that its collation takes for it."""
    row = _FIND.first(provider_id=provider_id, subject=subject)
    return row is not None and (row[1], row[2]) != (provider_id, subject)


def create(
    *, provider_id: str, subject: str, user_id: UUID, email_id: UUID | None, data: str, now: datetime
) -> UUID:
    """Write an account; *data* is JSON. Returns the id of the row.

    Raises:
        IntegrityError: somebody has the account, or one that equals it by the columns' collation.
    """
    identity_id = uuid4()
    _CREATE.count(
        id=identity_id,
        provider_id=provider_id,
        subject=subject,
        user_id=user_id,
        email_id=email_id,
        data=recorded_json(data),
        now=now,
    )
    return identity_id


def update(identity_id: UUID, *, user_id: UUID, email_id: UUID | None, data: str, now: datetime) -> bool:
    """Write what has become of an account; False when it is gone."""
    data = recorded_json(data)
    return _UPDATE.count(id=identity_id, user_id=user_id, email_id=email_id, data=data, now=now) == 1


def keep_domain(identity_id: UUID, domain: str, *, now: datetime) -> None:
    """Note that an account is one of the SAML provider for *domain*.

    Needs a transaction that has locked the user.
    """
    mine = (SamlIdentity.identity == identity_id) & (SamlIdentity.domain == domain)
    if not SamlIdentity.select(SamlIdentity.id).where(mine).exists():
        SamlIdentity.insert(
            id=uuid4(), identity=identity_id, domain=domain, created_at=now, updated_at=now
        ).execute()


def list_domains(identity_id: UUID) -> frozenset[str]:
    """The domains of the SAML providers that an account has come from."""
    found = SamlIdentity.select(SamlIdentity.domain).where(SamlIdentity.identity == identity_id)
    return frozenset(domain for (domain,) in found.tuples())


def delete_of_domain(domain: str, *, email_id: UUID, but: UUID | None) -> None:
    """Delete the accounts of the SAML provider for *domain* that go with an address, except the one *but*."""
    theirs = SamlIdentity.select(SamlIdentity.identity).where(SamlIdentity.domain == domain)
    where = (Identity.email == email_id) & Identity.id.in_(theirs)
    if but is not None:
        where &= Identity.id != but
    ids = [identity_id for (identity_id,) in Identity.select(Identity.id).where(where).tuples()]
    if ids:
        Identity.delete().where(Identity.id.in_(ids)).execute()


def _find() -> Any:
    return (
        Identity.select(
            Identity.id,
            Identity.provider_id,
            Identity.provider_user_id,
            Identity.email,
            Identity.user,
            Email.user,
        )
        .join(Email, JOIN.LEFT_OUTER, on=(Email.id == Identity.email))
        .where(
            (Identity.provider_user_id == argument("subject", Identity.provider_user_id))
            & (Identity.provider_id == argument("provider_id", Identity.provider_id))
        )
        .limit(1)
        .tuples()
    )
