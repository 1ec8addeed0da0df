"""The format of import and export: Hanko's, and further members for what Hanko's leaves out.

An entry is read as a whole, so that everything that is wrong with it is found at once. docs/users.md has the
format.
"""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from hanko_compat.errors.emails import AddressInvalid
from hanko_compat.errors.identifiers import PhoneNumberInvalid, UsernameInvalid
from hanko_compat.services.emails.addresses import LONGEST_STORED, stored_form
from hanko_compat.services.identifiers import IdentifierStatus, IdentifierType, fold
from hanko_compat.services.transfer import hashes
from hanko_compat.services.transfer.accounts import (
    Account,
    Address,
    Metadata,
    OwnIdentifier,
    ProviderAccount,
    Secret,
    Times,
)
from hanko_compat.services.transfer.members import Faults, Members
from hanko_compat.services.transfer.passkeys import read_passkeys
from hanko_compat.services.user_files.columns import LONGEST_METADATA
from hanko_compat.storage.models.user_states import UserStatus

TIMES = frozenset({"created_at", "updated_at"})
PROFILE = ("name", "given_name", "family_name")
BACKEND = frozenset({"status", "webauthn_id", "identifiers"})
ENTRY = TIMES | {
    "user_id",
    "emails",
    "username",
    "password",
    "otp_secret",
    "webauthn_credentials",
    *PROFILE,
    "picture",
    "metadata",
    "identities",
    "is_disabled",
    "backend_api",
}
EMAIL = TIMES | {"id", "address", "is_primary", "is_verified", "value", "is_claimed", "proved_at"}
PASSWORD, OTP_SECRET = TIMES | {"password"}, TIMES | {"secret"}
METADATA = frozenset({"public", "private", "unsafe"})
IDENTITY = TIMES | {
    "id",
    "provider_id",
    "provider_user_id",
    "email",
    "data",
    "saml_domain",
    "identifier_value",
    "avatar_url",
    "full_name",
}
IDENTIFIER = TIMES | {"id", "type", "value", "status"}

USUAL_ADDRESS = re.compile(
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9]+(?:-+[a-z0-9]+)*\.)+[a-z]+", re.IGNORECASE | re.ASCII
)
"""What `stored_form` takes, too, and needs several times as long for."""
NO_USER = UUID(int=0)
NOBODY = (
    "has neither an address nor a username, nor anything else to know the user by: name the address with"
    " which the user logs in"
)


def read_account(entry: Any, faults: Faults) -> Account | None:
    """The user whom an *entry* describes; None where anything is wrong, which *faults* has then."""
    if not isinstance(entry, dict):
        faults.add("", "is not an object")
        return None
    members = Members(entry, "", ENTRY, faults)
    backend = members.member("backend_api", BACKEND)
    emails = tuple(_emails(members))
    identifiers = list(_identifiers(backend)) if backend else []
    account = Account(
        user_id=_user_id(members),
        times=times(members),
        profile=_profile(members),
        emails=emails,
        username=_username(members, identifiers),
        identifiers=tuple(identifiers),
        password=_password(members),
        otp_secret=_otp_secret(members),
        passkeys=tuple(read_passkeys(members)),
        identities=tuple(_identities(members, {email.address for email in emails})),
        metadata=_metadata(members),
        status=_status(members, backend),
        webauthn_id=backend.text("webauthn_id") if backend else None,
    )
    if not _is_known(account) and not faults.found:
        members.fault("", NOBODY)
    return None if faults.found else account


def times(members: Members) -> Times:
    """When something was made and changed."""
    return Times(members.moment("created_at"), members.moment("updated_at"))


def _is_known(account: Account) -> bool:
    """Whether somebody can log in to it, or a server knows it."""
    if account.emails:
        return True
    means = (account.username, account.identifiers, account.passkeys, account.identities)
    # A user without all that, as a server makes some, is known by its ID; see also
    # `hanko_compat.storage.users.users.SETTLED`.
    traits = (account.profile, account.webauthn_id, account.password, account.otp_secret, account.metadata)
    return any(means) or bool(account.user_id and (any(traits) or account.status))


def _user_id(members: Members) -> UUID | None:
    user_id = members.uuid("user_id")
    if user_id == NO_USER:
        members.fault("user_id", "is all zeros, which stands for no user")
    return user_id


def _profile(members: Members) -> dict[str, str | None]:
    profile = {name: members.text(name, may_be_empty=True) for name in PROFILE if members.has(name)}
    if members.has("picture"):
        profile["picture"] = members.text("picture", longest=None, may_be_empty=True)
    return profile


def _emails(members: Members) -> Iterator[Address]:
    addresses: set[str] = set()
    primary = 0
    listed = False
    for each in members.objects("emails", EMAIL):
        listed = True
        address = each.checked("address", each.text("address", is_required=True), _address)
        value = each.text("value")
        if value is not None and address and value.lower() != address:
            each.fault("value", "is not the address in other letters")
        if address in addresses:
            each.fault("address", "is there twice")
        is_primary = each.flag("is_primary")
        primary += is_primary
        if address:
            addresses.add(address)
        proved_at = each.moment("proved_at")
        yield Address(
            id=each.uuid("id"),
            address=address,
            value=None if value == address else value,
            is_primary=is_primary,
            is_verified=each.flag("is_verified"),
            is_claimed=each.flag("is_claimed") or proved_at is not None,
            proved_at=proved_at,
            times=times(each),
        )
    # A server can leave a user without a primary address; Hanko can't.
    if primary > 1 or (listed and not primary and not members.has("backend_api")):
        members.fault("emails", f"has {primary or 'no'} primary addresses, instead of one")


def _address(text: str) -> str:
    if USUAL_ADDRESS.fullmatch(text):
        return text.lower()
    try:
        address = stored_form(text)
    except AddressInvalid as error:
        raise ValueError("is no e-mail address") from error
    if len(address) > LONGEST_STORED:
        raise ValueError(f"has more than {LONGEST_STORED} characters")
    return address


def _identifiers(backend: Members) -> Iterator[OwnIdentifier]:
    seen = set()
    for each in backend.objects("identifiers", IDENTIFIER):
        type_ = each.text("type", is_required=True)
        status = each.text("status")
        if type_ is not None and type_ not in (IdentifierType.PHONE, IdentifierType.USERNAME):
            each.fault("type", "is neither phone nor username")
            continue
        if status is not None and status not in list(IdentifierStatus):
            each.fault("status", f"is none of {', '.join(IdentifierStatus)}")
        value = each.text("value", is_required=True)
        folded = each.checked("value", value, lambda text, type_=type_: _folded(type_, text))  # type: ignore[misc]
        if (type_, folded) in seen:
            each.fault("value", "is there twice")
        seen.add((type_, folded))
        yield OwnIdentifier(each.uuid("id"), str(type_), value or "", folded, status, times(each))


def _folded(type_: str, value: str) -> str:
    try:
        return fold(IdentifierType(type_), value)
    except UsernameInvalid as error:
        raise ValueError(
            "is no username: it has blanks around it, a control character, or more than 255 characters"
        ) from error
    except PhoneNumberInvalid as error:
        raise ValueError("is no telephone number: + and 8 to 15 digits") from error


def _username(members: Members, identifiers: list[OwnIdentifier]) -> OwnIdentifier | None:
    """The user's username; one of the *identifiers* that has the same value says more of it."""
    value = members.text("username")
    folded = members.checked("username", value, lambda text: _folded(IdentifierType.USERNAME, text))
    if not value or not folded:
        return None
    for number, each in enumerate(identifiers):
        if (each.type, each.folded) == (IdentifierType.USERNAME, folded):
            return identifiers.pop(number)._replace(value=value)
    return OwnIdentifier(None, IdentifierType.USERNAME, value, folded, None, Times(None, None))


def _password(members: Members) -> Secret | None:
    password = members.member("password", PASSWORD)
    if password is None:
        return None
    hashed = password.text("password", is_required=True)
    return Secret(password.checked("password", hashed, hashes.checked), times(password))


def _otp_secret(members: Members) -> Secret | None:
    secret = members.member("otp_secret", OTP_SECRET)
    if secret is None:
        return None
    text = secret.text("secret", is_required=True)
    return Secret(secret.checked("secret", text, _base32), times(secret))


def _base32(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z2-7]+=*", text):
        raise ValueError("is not base32, in which apps that make codes have their secret")
    return text


def _metadata(members: Members) -> Metadata | None:
    metadata = members.member("metadata", METADATA)
    if metadata is None:
        return None
    return Metadata(
        metadata.object_text("public", longest=LONGEST_METADATA),
        metadata.object_text("private", longest=LONGEST_METADATA),
        metadata.object_text("unsafe", longest=LONGEST_METADATA),
    )


def _status(members: Members, backend: Members | None) -> str | None:
    is_disabled = members.flag("is_disabled") if members.has("is_disabled") else None
    status = backend.text("status") if backend else None
    if status is not None and status not in list(UserStatus):
        members.fault("backend_api.status", f"is none of {', '.join(UserStatus)}")
    if is_disabled is not None and status is not None and is_disabled != (status == UserStatus.DISABLED):
        members.fault("is_disabled", "says something else than backend_api.status")
    if status is None and is_disabled is not None:
        return UserStatus.DISABLED if is_disabled else UserStatus.ACTIVE
    return status


def _identities(members: Members, addresses: set[str]) -> Iterator[ProviderAccount]:
    seen = set()
    for each in members.objects("identities", IDENTITY):
        provider_id = each.text("provider_id", is_required=True)
        subject = each.text("provider_user_id", is_required=True)
        if (provider_id, subject) in seen:
            each.fault("provider_user_id", "is there twice")
        seen.add((provider_id, subject))
        email = each.text("email")
        if email is not None and email.lower() not in addresses:
            each.fault("email", "is none of the addresses of the entry")
        shown = tuple(
            each.text(name, longest=None if name == "avatar_url" else 255, may_be_empty=True) or ""
            for name in ("identifier_value", "avatar_url", "full_name")
        )
        yield ProviderAccount(
            id=each.uuid("id"),
            provider_id=provider_id or "",
            provider_user_id=subject or "",
            email=email and email.lower(),
            data=each.object_text("data"),
            saml_domains=_saml_domains(each),
            shown=shown if each.has("identifier_value") else None,  # type: ignore[arg-type]
            times=times(each),
        )


def _saml_domains(identity: Members) -> tuple[str, ...]:
    """One domain, or a list of them."""
    if identity.is_list("saml_domain"):
        return identity.texts("saml_domain")
    domain = identity.text("saml_domain")
    return () if domain is None else (domain,)
