"""What servers learn of a finished ceremony: whose passkey it was, and of which kind."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from hanko_compat.casefold import folded, username_form
from hanko_compat.services.passkeys.credential_records import AuthenticatorKind, Source
from hanko_compat.storage import identifiers
from hanko_compat.storage.models.identifiers import IdentifierStatus, IdentifierType

OF_DEVICES = {"hybrid", "internal"}
"""How browsers reach telephones and computers; everything else is a security key."""


class CeremonyType(StrEnum):
    """What answered; ``cda`` is cross-device authentication."""

    LOCAL = "local"
    ANOTHER_DEVICE = "cda"
    SECURITY_KEY = "security-key"


@dataclass(frozen=True, slots=True)
class PasskeyData:
    """A ceremony that succeeded; ``webauthn_id`` is the credential ID in base64url."""

    id: UUID
    webauthn_id: str
    user_id: UUID
    username: str
    ceremony_type: CeremonyType
    challenge_id: UUID
    process_id: str
    kind: AuthenticatorKind


def ceremony_type(attachment: str | None, transports: Collection[str]) -> CeremonyType:
    """Whether the device itself answered, another one, or a security key (WebAuthn s. 5.4.5, 5.8.4)."""
    is_key = bool(transports) and not OF_DEVICES & set(transports)
    if is_key and attachment != "platform":
        return CeremonyType.SECURITY_KEY
    return CeremonyType.ANOTHER_DEVICE if attachment == "cross-platform" else CeremonyType.LOCAL


def event_passkey(credential_id: str, *, detail_id: UUID, source: Source) -> dict[str, str]:
    """What listeners learn of a passkey."""
    return {
        "credential_id": credential_id,
        "id": str(detail_id),
        "os": source.os,
        "browser": source.browser,
    }


def find_username(user_id: UUID, name: str) -> str:
    """What a server knows the user by. Runs on the caller's connection.

    The *name* that was given when the passkey was made counts only while it is one of the user's identifiers,
    or the user has none: another user may have it by now.
    """
    known = identifiers.list_of_users([user_id])
    if not known:
        return name
    same = [each.value for each in known if is_same(each.value, name, type_=each.type)]
    primary = [each.value for each in known if each.status == IdentifierStatus.PRIMARY]
    return [*same, *primary, known[0].value][0]


def is_known_by(user_id: UUID, username: str) -> bool:
    """Whether *username* is an identifier of the user's that is not pending. On the caller's connection."""
    return any(
        is_same(each.value, username, type_=each.type) and each.status != IdentifierStatus.PENDING
        for each in identifiers.list_of_users([user_id])
    )


def is_same(name: str, other: str, *, type_: IdentifierType | None = None) -> bool:
    """Whether two names differ in nothing but the case of their letters; usernames may look alike, too."""
    form = username_form if type_ == IdentifierType.USERNAME else folded
    return form(name) == form(other)
