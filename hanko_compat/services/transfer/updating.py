"""An import changes a user who exists: what the entry has is written, what it lacks stays as it is."""

from datetime import datetime
from uuid import UUID

from hanko_compat.services.identifiers import IdentifierStatus
from hanko_compat.services.transfer.accounts import Account, Passkey, ProviderAccount
from hanko_compat.services.transfer.new_rows import NewRows
from hanko_compat.storage import passcodes, passwords
from hanko_compat.storage.emails import primary_emails
from hanko_compat.storage.models.user_states import UserStatus
from hanko_compat.storage.sessions import sessions
from hanko_compat.storage.transfer import updates as rows
from hanko_compat.storage.transfer.rows import Id
from hanko_compat.storage.users import records, users


def update(account: Account, user_id: UUID, email_ids: dict[str, Id], new: NewRows, now: datetime) -> bool:
    """Change a user as an entry has it; *email_ids* are rows of its addresses, some of which nobody has yet.

    What is new is added to *new*, to be written in the same transaction. False when the user is gone, or an
    address has become another's.
    """
    if not users.lock(user_id):
        return False
    _end_log_ins(account, user_id)
    rows.update_user(user_id, account.profile, now=account.times.updated_at or now)
    _update_state(account, user_id, new)
    if not _update_emails(account, user_id, email_ids, new, now):
        return False
    _replace_secrets(account, user_id, new)
    _replace_identifiers(account, user_id, new, now)
    _update_metadata(account, user_id, new, now)
    known, handles = rows.list_credentials(user_id), rows.list_handles(user_id)
    for passkey in account.passkeys:
        if passkey.id in known:
            _update_passkey(passkey, new, now)
        else:
            new.add_passkey(user_id, passkey, handles)
    identities = rows.list_identities(user_id, list(email_ids.values()))
    for identity in account.identities:
        identity_id = identities.get((identity.provider_id, identity.provider_user_id))
        email_id = email_ids.get(identity.email or "")
        if identity_id is None:
            new.add_identity(user_id, identity, email_id)
        else:
            _update_identity(identity_id, identity, user_id, email_id, new, now)
    return True


def _end_log_ins(account: Account, user_id: UUID) -> None:
    """End the sessions that another password, or status, has let in, as a door does that changes it."""
    before = records.find(user_id)
    if before and account.status and {account.status, before.status} != {UserStatus.ACTIVE}:
        sessions.delete_of_user(user_id)
    known = passwords.find(user_id) if account.password else None
    if known and account.password and account.password.text != known.password:
        sessions.delete_of_user(user_id)
        passcodes.delete_of_user(user_id)


def _update_state(account: Account, user_id: UUID, new: NewRows) -> None:
    changes = {"status": account.status, "webauthn_id": account.webauthn_id}
    given = {column: value for column, value in changes.items() if value is not None}
    if given and not rows.update_state(user_id, given):
        new.add_state(user_id, account.status, account.webauthn_id, rows.find_created_at(user_id))


def _update_emails(
    account: Account, user_id: UUID, email_ids: dict[str, Id], new: NewRows, now: datetime
) -> bool:
    for email in account.emails:
        email_id = email_ids.get(email.address)
        if email_id is None:
            email_ids[email.address] = new.add_email(user_id, email)
            continue
        moment = email.times.updated_at or now
        if not rows.give_email(email_id, user_id=user_id, is_verified=email.is_verified, now=moment):
            return False
        if email.value is not None or email.is_claimed:
            rows.forget_email_details(email_id)
            new.add_to_email(email_id, email)
    for email in account.emails:
        if email.is_primary:
            primary_emails.delete(user_id)
            new.add_primary(user_id, email_ids[email.address], email.times)
    return True


def _replace_secrets(account: Account, user_id: UUID, new: NewRows) -> None:
    """A user has one username, password and app at most."""
    if account.username is not None:
        rows.delete_username(user_id)
        new.add_username(user_id, account.username)
    if account.password is not None:
        rows.delete_password(user_id)
        new.add_password(user_id, account.password)
    if account.otp_secret is not None:
        rows.delete_otp_secret(user_id)
        new.add_otp_secret(user_id, account.otp_secret)


def _replace_identifiers(account: Account, user_id: UUID, new: NewRows, now: datetime) -> None:
    for identifier in account.identifiers:
        rows.delete_identifier(user_id, type_=identifier.type, folded=identifier.folded)
        if identifier.status == IdentifierStatus.PRIMARY:
            rows.demote_identifiers(user_id, type_=identifier.type, now=now)
        new.add_identifier(user_id, identifier)


def _update_metadata(account: Account, user_id: UUID, new: NewRows, now: datetime) -> None:
    if account.metadata is None:
        return
    parts = account.metadata._asdict().items()
    changes = {f"{part}_metadata": text for part, text in parts if text is not None}
    if not rows.update_metadata(user_id, changes, now=now):
        new.add_metadata(user_id, account.metadata, account.times)


def _update_passkey(passkey: Passkey, new: NewRows, now: datetime) -> None:
    """Its user handle stays: it is what the authenticator answers with."""
    changes = {
        "public_key": passkey.public_key,
        "attestation_type": passkey.attestation_type,
        "aaguid": passkey.aaguid,
        "sign_count": passkey.sign_count,
        "name": passkey.name,
        "backup_eligible": passkey.backup_eligible,
        "backup_state": passkey.backup_state,
        "mfa_only": passkey.mfa_only,
        "updated_at": passkey.times.updated_at or now,
    }
    if passkey.last_used_at is not None:
        changes["last_used_at"] = passkey.last_used_at
    rows.update_credential(passkey.id, changes)
    new.add_transports(passkey)


def _update_identity(
    identity_id: UUID,
    identity: ProviderAccount,
    user_id: UUID,
    email_id: Id | None,
    new: NewRows,
    now: datetime,
) -> None:
    changes = {"user": user_id, "data": identity.data, "updated_at": identity.times.updated_at or now}
    if email_id is not None:
        changes["email"] = email_id
    rows.update_identity(identity_id, changes)
    new.add_beside_identity(identity_id, identity)
