"""What of an entry somebody has already, in the file or in the database."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

from hanko_compat.casefold import username_form, username_forms
from hanko_compat.services.identifiers import IdentifierType
from hanko_compat.services.transfer.accounts import Account, OwnIdentifier
from hanko_compat.storage.transfer.existing import Existing, Wanted


class Clash(NamedTuple):
    """A value that a user has already; None where it is not known whose it is."""

    field: str
    value: str
    user_id: UUID | None

    @property
    def reason(self) -> str:
        """What to tell the operator."""
        owner = f"user {self.user_id}" if self.user_id else "nobody who could be named"
        if self.field == "user_id":
            return f"{self.value} exists"
        return f"{self.value} belongs to {owner}"


def keys(account: Account) -> Iterator[tuple[str, str]]:
    """What only one user may have: pairs of a field and a value, for looking through a file."""
    if account.user_id is not None:
        yield "user_id", str(account.user_id)
    for email in account.emails:
        yield "emails.address", email.address
        if email.id is not None:
            yield "emails.id", str(email.id)
    for identifier in _identifiers(account):
        yield ("username" if identifier.type == IdentifierType.USERNAME else "phone"), identifier.folded
    if account.webauthn_id is not None:
        yield "backend_api.webauthn_id", account.webauthn_id
    for passkey in account.passkeys:
        yield "webauthn_credentials.id", passkey.id
    for handle in {passkey.user_handle for passkey in account.passkeys if passkey.user_handle is not None}:
        yield "webauthn_credentials.user_handle", handle
    for identity in account.identities:
        yield "identities.provider_user_id", f"{identity.provider_id} {identity.provider_user_id}"


def wanted(accounts: Iterable[Account]) -> Wanted:
    """What some accounts are going to have."""
    all_ = Wanted()
    for account in accounts:
        if account.user_id is not None:
            all_.user_ids.add(account.user_id)
        all_.addresses.update(email.address for email in account.emails)
        for identifier in _identifiers(account):
            if identifier.type == IdentifierType.USERNAME:
                all_.usernames.update(username_forms(identifier.value))
            else:
                all_.phones.add(identifier.folded)
        if account.webauthn_id is not None:
            all_.webauthn_ids.add(account.webauthn_id)
        all_.credential_ids.update(passkey.id for passkey in account.passkeys)
        all_.user_handles.update(each.user_handle for each in account.passkeys if each.user_handle)
        all_.subjects.update(identity.provider_user_id for identity in account.identities)
    return all_


def clashes(account: Account, existing: Existing) -> Iterator[Clash]:
    """What of an account somebody has. An address that nobody has yet is free, though it has a row."""
    if account.user_id in existing.user_ids:
        yield Clash("user_id", str(account.user_id), account.user_id)
    for number, email in enumerate(account.emails):
        if existing.addresses.get(email.address) is not None:
            yield Clash(f"emails[{number}].address", email.address, existing.addresses[email.address])
    for identifier in _identifiers(account):
        is_username = identifier.type == IdentifierType.USERNAME
        owners = existing.usernames if is_username else existing.phones
        form = username_form(identifier.folded) if is_username else identifier.folded
        if form in owners:
            field = "username" if is_username else "backend_api.identifiers"
            yield Clash(field, identifier.value, owners[form])
    if account.webauthn_id in existing.webauthn_ids:
        owner = existing.webauthn_ids[account.webauthn_id or ""]
        yield Clash("backend_api.webauthn_id", str(account.webauthn_id), owner)
    yield from _of_passkeys(account, existing)
    for number, identity in enumerate(account.identities):
        key = (identity.provider_id, identity.provider_user_id)
        if key in existing.identities:
            yield Clash(f"identities[{number}].provider_user_id", " ".join(key), existing.identities[key])


def _of_passkeys(account: Account, existing: Existing) -> Iterator[Clash]:
    for number, passkey in enumerate(account.passkeys):
        if passkey.id in existing.credential_ids:
            yield Clash(f"webauthn_credentials[{number}].id", passkey.id, existing.credential_ids[passkey.id])
        handle = passkey.user_handle or ""
        if handle in existing.user_handles:
            field = f"webauthn_credentials[{number}].user_handle"
            yield Clash(field, handle, existing.user_handles[handle])


def _identifiers(account: Account) -> Iterator[OwnIdentifier]:
    if account.username is not None:
        yield account.username
    yield from account.identifiers
