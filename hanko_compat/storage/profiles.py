"""Queries for what a user may see of itself: one for each kind of rows, none for each row."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from peewee import JOIN, fn

from hanko_compat.storage.models import (
    Email,
    Identity,
    OtpSecret,
    PrimaryEmail,
    SamlIdentity,
    User,
    UserMetadata,
    Username,
    WebauthnCredential,
    WebauthnCredentialTransport,
)


@dataclass(frozen=True, slots=True)
class UserRows:
    """A user with the rows of which it has one at most."""

    user: User
    username: Username | None
    metadata: UserMetadata | None
    has_otp_secret: bool


@dataclass(frozen=True, slots=True)
class Lookup:
    """A user's address, and whether the user has a passkey to log in with."""

    email: Email
    has_passkey: bool


def find_user(user_id: UUID) -> UserRows | None:
    """The user and its single rows, or None."""
    row = (
        User.select(User, Username, UserMetadata, OtpSecret.id)
        .join(Username, JOIN.LEFT_OUTER, on=(Username.user == User.id), attr="username_row")
        .switch(User)
        .join(UserMetadata, JOIN.LEFT_OUTER, on=(UserMetadata.user == User.id), attr="metadata_row")
        .switch(User)
        .join(OtpSecret, JOIN.LEFT_OUTER, on=(OtpSecret.user == User.id), attr="otp_row")
        .where(User.id == user_id)
        .first()
    )
    if row is None:
        return None
    return UserRows(
        user=row,
        username=row.username_row,
        metadata=row.metadata_row,
        has_otp_secret=row.otp_row is not None,
    )


def list_emails(user_id: UUID) -> Sequence[tuple[Email, bool]]:
    """The addresses of a user, oldest first, each with whether it is the primary one."""
    rows = (
        Email.select(Email, PrimaryEmail.id)
        .join(PrimaryEmail, JOIN.LEFT_OUTER, on=(PrimaryEmail.email == Email.id), attr="primary_row")
        .where(Email.user == user_id)
        .order_by(Email.created_at, Email.id)
    )
    return [(row, row.primary_row is not None) for row in rows]


def list_credentials(user_id: UUID) -> Sequence[tuple[WebauthnCredential, list[str]]]:
    """The credentials of a user, oldest first, each with its transports."""
    rows = (
        WebauthnCredential.select(WebauthnCredential, WebauthnCredentialTransport.name)
        .join(
            WebauthnCredentialTransport,
            JOIN.LEFT_OUTER,
            on=(WebauthnCredentialTransport.webauthn_credential == WebauthnCredential.id),
            attr="transport_row",
        )
        .where(WebauthnCredential.user == user_id)
        .order_by(WebauthnCredential.created_at, WebauthnCredential.id, WebauthnCredentialTransport.name)
    )
    credentials: dict[str, tuple[WebauthnCredential, list[str]]] = {}
    for row in rows:
        _, transports = credentials.setdefault(row.id, (row, []))
        if row.transport_row is not None:
            transports.append(row.transport_row.name)
    return list(credentials.values())


def list_identities(user_id: UUID, *, email_ids: Sequence[UUID]) -> Sequence[tuple[Identity, str | None]]:
    """The third-party accounts of a user, oldest first, each with its SAML domain if it has one.

    Old rows have no user: they are found by the address they belong to.
    """
    rows = (
        Identity.select(Identity, SamlIdentity.domain)
        .join(SamlIdentity, JOIN.LEFT_OUTER, on=(SamlIdentity.identity == Identity.id), attr="saml_row")
        .where((Identity.user == user_id) | Identity.email.in_(email_ids))
        .order_by(Identity.created_at, Identity.id)
    )
    return [(row, row.saml_row.domain if row.saml_row is not None else None) for row in rows]


def look_up(address: str) -> Lookup | None:
    """The row of exactly this address, if it belongs to a user, and whether that one has a passkey.

    Keys that are second factors only do not count: nobody can log in with one of them alone.
    """
    passkeys = WebauthnCredential.select(WebauthnCredential.id).where(
        WebauthnCredential.user == Email.user,
        WebauthnCredential.mfa_only == False,  # noqa: E712
    )
    row = (
        Email.select(Email, fn.EXISTS(passkeys).alias("has_passkey"))
        .where((Email.address == address) & Email.user.is_null(False))
        .first()
    )
    # Compared again: collations of MySQL and MariaDB ignore case, accents and trailing blanks.
    if row is None or row.address != address:
        return None
    return Lookup(email=row, has_passkey=bool(row.has_passkey))
