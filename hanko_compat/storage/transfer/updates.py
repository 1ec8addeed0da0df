"""Changes of users who exist already, by an import; new rows are written in bulk afterwards."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import Case

from hanko_compat.storage.models import (
    Email,
    EmailClaim,
    EmailValue,
    Identifier,
    Identity,
    OtpSecret,
    PasswordCredential,
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
from hanko_compat.storage.models.identifiers import IdentifierStatus
from hanko_compat.storage.transfer.rows import Id


def give_email(email_id: Id, *, user_id: UUID, is_verified: bool, now: datetime) -> bool:
    """Give a user an address that it has, or that nobody has; False when it is another's by now."""
    is_free = Email.user.is_null() | (Email.user == user_id)
    changes = {"user": user_id, "verified": is_verified, "updated_at": now}
    return Email.update(changes).where((Email.id == email_id) & is_free).execute() == 1


def forget_email_details(email_id: Id) -> None:
    """Delete what the backend door keeps of an address, to be written anew."""
    EmailValue.delete().where(EmailValue.email == email_id).execute()
    EmailClaim.delete().where(EmailClaim.email == email_id).execute()


def update_user(user_id: UUID, changes: Mapping[str, str | None], *, now: datetime) -> None:
    """Change the names and the picture of a user."""
    User.update({**changes, "updated_at": now}).where(User.id == user_id).execute()


def find_created_at(user_id: UUID) -> datetime:
    """When the user was made."""
    moment: datetime = User.select(User.created_at).where(User.id == user_id).scalar()
    return moment


def update_state(user_id: UUID, changes: Mapping[str, str | None]) -> bool:
    """Change the status, or the user handle that a server chose; False when there is no row of them."""
    return UserState.update(changes).where(UserState.user == user_id).execute() == 1


def delete_username(user_id: UUID) -> None:
    """Delete the username that both doors know."""
    theirs = Username.select(Username.id).where(Username.user == user_id)
    ids = [username_id for (username_id,) in theirs.tuples()]
    if ids:
        Identifier.delete().where(Identifier.id.in_(ids)).execute()
        Username.delete().where(Username.id.in_(ids)).execute()


def delete_identifier(user_id: UUID, *, type_: str, folded: str) -> None:
    """Delete a telephone number or a further username of the user."""
    mine = (Identifier.user == user_id) & (Identifier.type == type_) & (Identifier.folded == folded)
    Identifier.delete().where(mine).execute()


def demote_identifiers(user_id: UUID, *, type_: str, now: datetime) -> None:
    """Let no telephone number, or no username, be the primary one."""
    mine = (Identifier.user == user_id) & (Identifier.type == type_)
    is_primary = Identifier.status == IdentifierStatus.PRIMARY
    changes = {"status": IdentifierStatus.VERIFIED, "updated_at": now}
    Identifier.update(changes).where(mine & is_primary).execute()


def delete_password(user_id: UUID) -> None:
    """Delete the user's password."""
    PasswordCredential.delete().where(PasswordCredential.user == user_id).execute()


def delete_otp_secret(user_id: UUID) -> None:
    """Delete the secret of the user's app that makes codes."""
    OtpSecret.delete().where(OtpSecret.user == user_id).execute()


def update_metadata(user_id: UUID, changes: Mapping[str, str], *, now: datetime) -> bool:
    """Change parts of the metadata, by columns; False when there is no row of them."""
    return (
        UserMetadata.update({**changes, "updated_at": now}).where(UserMetadata.user == user_id).execute() == 1
    )


def list_credentials(user_id: UUID) -> set[str]:
    """The IDs of the user's passkeys and security keys."""
    rows = WebauthnCredential.select(WebauthnCredential.id).where(WebauthnCredential.user == user_id)
    return {credential_id for (credential_id,) in rows.tuples()}


def list_handles(user_id: UUID) -> dict[str, Id]:
    """The user's handles of other systems, with the IDs of their rows."""
    table = WebauthnCredentialUserHandle
    return dict(table.select(table.handle, table.id).where(table.user == user_id).tuples())


def update_credential(credential_id: str, changes: Mapping[str, Any]) -> None:
    """Change a passkey; how its authenticator is reached is forgotten, to be written anew.

    Its signature counter never goes back, as a lower one would hide a clone (WebAuthn s. 6.1.1).
    """
    counter, count = WebauthnCredential.sign_count, changes["sign_count"]
    changes = {**changes, "sign_count": Case(None, [(counter > count, counter)], count)}
    WebauthnCredential.update(changes).where(WebauthnCredential.id == credential_id).execute()
    transports = WebauthnCredentialTransport
    transports.delete().where(transports.webauthn_credential == credential_id).execute()


def list_identities(user_id: UUID, email_ids: Collection[Id]) -> dict[tuple[str, str], UUID]:
    """The user's accounts at providers, by provider and subject, with the IDs of their rows."""
    mine = Identity.user == user_id
    if email_ids:
        mine |= Identity.user.is_null() & Identity.email.in_(list(email_ids))
    rows = Identity.select(Identity.provider_id, Identity.provider_user_id, Identity.id).where(mine)
    return {(provider_id, subject): row_id for provider_id, subject, row_id in rows.tuples()}


def update_identity(identity_id: UUID, changes: Mapping[str, Any]) -> None:
    """Change an account at a provider; what is beside it is forgotten, to be written anew."""
    Identity.update(changes).where(Identity.id == identity_id).execute()
    SamlIdentity.delete().where(SamlIdentity.identity == identity_id).execute()
    SocialAccount.delete().where(SocialAccount.identity == identity_id).execute()


def list_emails(user_id: UUID) -> dict[str, UUID]:
    """The user's addresses, with the IDs of their rows."""
    return dict(Email.select(Email.address, Email.id).where(Email.user == user_id).tuples())
