"""Users with all that belongs to them, some at a time: a query for each table, and none for each user."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from peewee import JOIN, fn

from hanko_compat.storage.models import (
    CredentialDetail,
    Email,
    EmailClaim,
    EmailValue,
    Identifier,
    Identity,
    OtpSecret,
    PasswordCredential,
    PrimaryEmail,
    SamlIdentity,
    SocialAccount,
    User,
    UserMetadata,
    Username,
    UserState,
    WebauthnCredential,
    WebauthnCredentialTransport,
    WebauthnCredentialUserHandle,
)

BATCH = 500
"""Users that are held in memory at a time."""

Stored = dict[str, Any]
"""A row, by the names of its columns and of those of the tables beside it."""


def count() -> int:
    """How many users there are."""
    return int(User.select().count())


def list_users() -> Iterator[list[Stored]]:
    """All users, a batch at a time, in the order of their IDs."""
    after = UUID(int=0)
    while batch := _users_after(after):
        yield batch
        after = batch[-1]["id"]


def _users_after(after: UUID) -> list[Stored]:
    users = User.select().where(User.id > after).order_by(User.id).limit(BATCH)
    return list(users.dicts())


class Belongings:
    """What some users have, by the ID of the user, in a stable order."""

    def __init__(self, user_ids: Sequence[UUID]) -> None:
        self.states = _single(UserState.select().where(UserState.user.in_(user_ids)))
        self.emails = _many(_emails(user_ids))
        self.usernames = _single(_usernames(user_ids))
        self.identifiers = _many(_identifiers(user_ids))
        self.metadata = _single(UserMetadata.select().where(UserMetadata.user.in_(user_ids)))
        self.passwords = _single(PasswordCredential.select().where(PasswordCredential.user.in_(user_ids)))
        self.otp_secrets = _single(OtpSecret.select().where(OtpSecret.user.in_(user_ids)))
        self.credentials = _many(_credentials(user_ids))
        self.transports = _transports([row["id"] for rows in self.credentials.values() for row in rows])
        self.identities = _many(_identities(user_ids))
        self.saml_domains = _saml_domains([row["id"] for rows in self.identities.values() for row in rows])


def _single(query: Any) -> dict[UUID, Stored]:
    """Rows of which a user has one at most."""
    return {row["user"]: row for row in query.dicts()}


def _many(query: Any) -> dict[UUID, list[Stored]]:
    found: dict[UUID, list[Stored]] = {}
    for row in query.dicts():
        found.setdefault(row["user"], []).append(row)
    return found


def _emails(user_ids: Sequence[UUID]) -> Any:
    return (
        Email.select(
            Email,
            PrimaryEmail.id.alias("primary_id"),
            EmailValue.value,
            EmailClaim.email.alias("claim_id"),
            EmailClaim.proved_at,
        )
        .join(PrimaryEmail, JOIN.LEFT_OUTER, on=(PrimaryEmail.email == Email.id))
        .switch(Email)
        .join(EmailValue, JOIN.LEFT_OUTER, on=(EmailValue.email == Email.id))
        .switch(Email)
        .join(EmailClaim, JOIN.LEFT_OUTER, on=(EmailClaim.email == Email.id))
        .where(Email.user.in_(user_ids))
        .order_by(Email.created_at, Email.id)
    )


def _usernames(user_ids: Sequence[UUID]) -> Any:
    return (
        Username.select(
            Username.id,
            Username.user,
            Username.username,
            Username.created_at,
            Username.updated_at,
            Identifier.value,
            Identifier.status,
        )
        .join(Identifier, JOIN.LEFT_OUTER, on=(Identifier.username == Username.id))
        .where(Username.user.in_(user_ids), Username.username.is_null(False))
    )


def _identifiers(user_ids: Sequence[UUID]) -> Any:
    """Those that are not Hanko's usernames."""
    return (
        Identifier.select()
        .where(Identifier.user.in_(user_ids), Identifier.username.is_null())
        .order_by(Identifier.created_at, Identifier.id)
    )


def _credentials(user_ids: Sequence[UUID]) -> Any:
    handles, details = WebauthnCredentialUserHandle, CredentialDetail
    return (
        WebauthnCredential.select(
            WebauthnCredential,
            handles.handle,
            details.id.alias("detail_id"),
            details.tags,
            details.username,
            details.source_os,
            details.source_browser,
            details.created_at.alias("detail_created_at"),
        )
        .join(handles, JOIN.LEFT_OUTER, on=(WebauthnCredential.user_handle == handles.id))
        .switch(WebauthnCredential)
        .join(details, JOIN.LEFT_OUTER, on=(details.credential == WebauthnCredential.id))
        .where(WebauthnCredential.user.in_(user_ids))
        .order_by(WebauthnCredential.created_at, WebauthnCredential.id)
    )


def _transports(credential_ids: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    table = WebauthnCredentialTransport
    if credential_ids:
        rows = table.select(table.webauthn_credential, table.name).where(
            table.webauthn_credential.in_(credential_ids)
        )
        for credential_id, name in rows.order_by(table.name).tuples():
            found.setdefault(credential_id, []).append(name)
    return found


def _identities(user_ids: Sequence[UUID]) -> Any:
    """Older rows have no user of their own: they belong to that of their address."""
    theirs = Email.select(Email.id).where(Email.user.in_(user_ids))
    owner = fn.COALESCE(Identity.user, Email.user).converter(User.id.python_value)
    return (
        Identity.select(
            Identity.id,
            Identity.provider_id,
            Identity.provider_user_id,
            Identity.data,
            Identity.created_at,
            Identity.updated_at,
            owner.alias("user"),
            Email.address,
            SocialAccount.identity.alias("shown_id"),
            SocialAccount.identifier_value,
            SocialAccount.avatar_url,
            SocialAccount.full_name,
        )
        .join(Email, JOIN.LEFT_OUTER, on=(Email.id == Identity.email))
        .switch(Identity)
        .join(SocialAccount, JOIN.LEFT_OUTER, on=(SocialAccount.identity == Identity.id))
        .where(Identity.user.in_(user_ids) | (Identity.user.is_null() & Identity.email.in_(theirs)))
        .order_by(Identity.created_at, Identity.id)
    )


def _saml_domains(identity_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    if identity_ids:
        rows = SamlIdentity.select(SamlIdentity.identity, SamlIdentity.domain).where(
            SamlIdentity.identity.in_(identity_ids), SamlIdentity.domain.is_null(False)
        )
        for identity_id, domain in rows.order_by(SamlIdentity.domain).tuples():
            found.setdefault(identity_id, []).append(domain)
    return found
