"""Queries of a user's own profile: one for each kind of row, never one for each row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from peewee import JOIN, fn

from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import (
    Email,
    Identity,
    OtpSecret,
    PasswordCredential,
    PrimaryEmail,
    SamlIdentity,
    User,
    UserMetadata,
    Username,
    WebauthnCredential,
    WebauthnCredentialTransport,
)

# The column of usernames may be NULL: such a row is none.
_HAS_USERNAME = (Username.user == User.id) & Username.username.is_null(False)

_FIND_USER = Statement(
    lambda: (
        User.select(User, Username, UserMetadata, OtpSecret.id, OtpSecret.created_at, OtpSecret.updated_at)
        .join(Username, JOIN.LEFT_OUTER, on=_HAS_USERNAME, attr="username_row")
        .switch(User)
        .join(UserMetadata, JOIN.LEFT_OUTER, on=(UserMetadata.user == User.id), attr="metadata_row")
        .switch(User)
        .join(OtpSecret, JOIN.LEFT_OUTER, on=(OtpSecret.user == User.id), attr="otp_row")
        .where(User.id == argument("user_id", User.id))
    ),
)
_FIND_PASSWORD = Statement(
    lambda: PasswordCredential.select(
        PasswordCredential.id, PasswordCredential.created_at, PasswordCredential.updated_at
    ).where(PasswordCredential.user == argument("user_id", PasswordCredential.user)),
)
_LIST_EMAILS = Statement(
    lambda: (
        Email.select(Email, PrimaryEmail.id)
        .join(PrimaryEmail, JOIN.LEFT_OUTER, on=(PrimaryEmail.email == Email.id), attr="primary_row")
        .where(Email.user == argument("user_id", Email.user))
        .order_by(Email.created_at, Email.id)
    ),
)
_LIST_CREDENTIALS = Statement(
    lambda: (
        WebauthnCredential.select(
            WebauthnCredential, WebauthnCredentialTransport.id, WebauthnCredentialTransport.name
        )
        .join(
            WebauthnCredentialTransport,
            JOIN.LEFT_OUTER,
            on=(WebauthnCredentialTransport.webauthn_credential == WebauthnCredential.id),
            attr="transport_row",
        )
        .where(WebauthnCredential.user == argument("user_id", WebauthnCredential.user))
        .order_by(WebauthnCredential.created_at, WebauthnCredential.id, WebauthnCredentialTransport.name)
    ),
)
_LIST_IDENTITIES = Statement(
    lambda: (
        Identity.select(Identity, SamlIdentity.domain)
        .join(SamlIdentity, JOIN.LEFT_OUTER, on=(SamlIdentity.identity == Identity.id), attr="saml_row")
        .where(
            (Identity.user == argument("user_id", Identity.user))
            | Identity.email.in_(Email.select(Email.id).where(Email.user == argument("user_id", Email.user)))
        )
        .order_by(Identity.created_at, Identity.id)
    ),
)
_LOOK_UP = Statement(
    lambda: (
        Email.select(
            Email,
            fn.EXISTS(
                WebauthnCredential.select(WebauthnCredential.id).where(
                    WebauthnCredential.user == Email.user,
                    WebauthnCredential.mfa_only == False,  # noqa: E712
                )
            ).alias("has_passkey"),
        )
        .where((Email.address == argument("address", Email.address)) & Email.user.is_null(False))
        .limit(1)
    ),
)


@dataclass(frozen=True, slots=True)
class UserRows:
    """A user with the rows of which it has one at most."""

    user: User
    username: Username | None
    metadata: UserMetadata | None
    otp: OtpSecret | None  # without the secret


class Transport(NamedTuple):
    """A way to reach an authenticator, such as ``internal``: the row of its name."""

    id: str
    name: str
    credential_id: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """A user's address, and whether the user has a passkey to log in with."""

    email: Email
    has_passkey: bool


def find_user(user_id: UUID) -> UserRows | None:
    """The user and its single rows, or None."""
    row = _FIND_USER.first(user_id=user_id)
    if row is None:
        return None
    return UserRows(
        user=row,
        username=row.username_row,
        metadata=row.metadata_row,
        otp=row.otp_row,
    )


def find_password(user_id: UUID) -> PasswordCredential | None:
    """The user's password, without its hash; None where there is none."""
    found: PasswordCredential | None = _FIND_PASSWORD.first(user_id=user_id)
    return found


def list_emails(user_id: UUID) -> Sequence[tuple[Email, bool]]:
    """The addresses of a user, oldest first, each with whether it is the primary one."""
    return [(row, row.primary_row is not None) for row in _LIST_EMAILS.rows(user_id=user_id)]


def list_credentials(user_id: UUID) -> Sequence[tuple[WebauthnCredential, list[Transport]]]:
    """The credentials of a user, oldest first, each with its transports by their names."""
    credentials: dict[str, tuple[WebauthnCredential, list[Transport]]] = {}
    for row in _LIST_CREDENTIALS.rows(user_id=user_id):
        _, transports = credentials.setdefault(row.id, (row, []))
        if row.transport_row is not None:
            transports.append(Transport(row.transport_row.id, row.transport_row.name, row.id))
    return list(credentials.values())


def list_identities(user_id: UUID) -> Sequence[tuple[Identity, str | None]]:
    """The third-party accounts of a user, oldest first, each with its SAML domain if it has one.

    Old rows have no user: they are found by the address they belong to.
    """
    rows = _LIST_IDENTITIES.rows(user_id=user_id)
    return [(row, row.saml_row.domain if row.saml_row is not None else None) for row in rows]


def look_up(address: str) -> Lookup | None:
    """The row of exactly this address, if it belongs to a user, and whether that user has a passkey."""
    # Unlike Hanko 2.7.0: keys that are second factors only do not count, as nobody can log in with one alone.
    row = _LOOK_UP.first(address=address)
    # Compared again: collations of MySQL and MariaDB ignore case, accents and trailing blanks.
    if row is None or row.address != address:
        return None
    return Lookup(email=row, has_passkey=bool(row.has_passkey))
