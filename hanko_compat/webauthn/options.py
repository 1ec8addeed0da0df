"""What browsers are asked for: options of ``navigator.credentials`` (WebAuthn s. 5.4, 5.5), in base64url.

The public door answers with them member by member, the backend door as JSON in a text. The classes are ours:
those of python-fido2 2.2 turn transports that they do not know (``smart-card``, and those to come) into null,
and write the members in another order than the published text of the backend door has.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from hanko_compat import random_secrets
from hanko_compat.base64url import encode
from hanko_compat.webauthn.keys import ALGORITHMS
from hanko_compat.webauthn.relying_party import RelyingParty

CHALLENGE_BYTES = 32
PUBLIC_KEY = "public-key"
REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class UserEntity:
    """For whom a credential is made (s. 5.4.3): the user handle, and what the authenticator shows."""

    id: str
    name: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A kind of key that is accepted (s. 5.3)."""

    alg: int
    type: str = PUBLIC_KEY


@dataclass(frozen=True, slots=True)
class AuthenticatorSelection:
    """Which authenticators may answer (s. 5.4.4); ``authenticator_attachment`` None for any."""

    resident_key: str
    require_resident_key: bool
    user_verification: str
    authenticator_attachment: str | None = None


@dataclass(frozen=True, slots=True)
class CredentialDescriptor:
    """A credential that may answer, or must not (s. 5.8.3)."""

    id: str
    type: str = PUBLIC_KEY
    transports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CreationOptions:
    """Options to make a credential (s. 5.4); ``timeout`` in milliseconds."""

    rp: RelyingParty
    user: UserEntity
    challenge: str
    pub_key_cred_params: tuple[Algorithm, ...]
    timeout: int
    authenticator_selection: AuthenticatorSelection
    attestation: str
    exclude_credentials: tuple[CredentialDescriptor, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """Options to log in (s. 5.5); ``timeout`` in milliseconds, ``allow_credentials`` None for any."""

    challenge: str
    timeout: int
    rp_id: str
    allow_credentials: tuple[CredentialDescriptor, ...] | None
    user_verification: str


def new_challenge() -> bytes:
    """Random bytes that can't be foreseen (s. 13.4.3)."""
    return random_secrets.octets(CHALLENGE_BYTES)


def creation_options(
    rp: RelyingParty,
    *,
    challenge: bytes,
    user_handle: bytes,
    user_name: str,
    timeout: int,
    user_verification: str,
    resident_key: str,
    attestation: str,
) -> CreationOptions:
    """Put options together to make a credential; *timeout* in milliseconds.

    As Hanko 2.7.0: no credential is excluded, so a device that is registered may be registered again.
    """
    return CreationOptions(
        rp=rp,
        user=UserEntity(id=encode(user_handle), name=user_name, display_name=user_name),
        challenge=encode(challenge),
        pub_key_cred_params=tuple(map(Algorithm, ALGORITHMS)),
        timeout=timeout,
        authenticator_selection=AuthenticatorSelection(
            resident_key=resident_key,
            require_resident_key=resident_key == REQUIRED,
            user_verification=user_verification,
        ),
        attestation=attestation,
    )


def request_options(
    rp: RelyingParty,
    *,
    challenge: bytes,
    credential_ids: Sequence[str],
    timeout: int,
    user_verification: str,
) -> RequestOptions:
    """Put options together to log in with one of *credential_ids* (base64url), or with any without them.

    *timeout* in milliseconds.
    """
    return RequestOptions(
        challenge=encode(challenge),
        timeout=timeout,
        rp_id=rp.id,
        allow_credentials=tuple(map(CredentialDescriptor, credential_ids)) or None,
        user_verification=user_verification,
    )


def creation_text(options: CreationOptions) -> str:
    """Options for ``navigator.credentials.create()`` as JSON in a text, as webauthn-json takes them."""
    selection = options.authenticator_selection
    members: dict[str, Any] = {
        "residentKey": selection.resident_key,
        "requireResidentKey": selection.require_resident_key,
        "userVerification": selection.user_verification,
    }
    if selection.authenticator_attachment is not None:
        members["authenticatorAttachment"] = selection.authenticator_attachment
    user = options.user
    return _text(
        {
            "challenge": options.challenge,
            "rp": {"name": options.rp.name, "id": options.rp.id},
            "user": {"id": user.id, "name": user.name, "displayName": user.display_name},
            "pubKeyCredParams": [
                {"type": each.type, "alg": each.alg} for each in options.pub_key_cred_params
            ],
            "authenticatorSelection": members,
            "timeout": options.timeout,
            "attestation": options.attestation,
            "excludeCredentials": _descriptors(options.exclude_credentials),
        }
    )


def request_text(options: RequestOptions) -> str:
    """Options for ``navigator.credentials.get()`` as JSON in a text, as webauthn-json takes them."""
    members: dict[str, Any] = {
        "challenge": options.challenge,
        "timeout": options.timeout,
        "rpId": options.rp_id,
        "userVerification": options.user_verification,
    }
    if options.allow_credentials is not None:
        members["allowCredentials"] = _descriptors(options.allow_credentials)
    return _text(members)


def _descriptors(credentials: Iterable[CredentialDescriptor]) -> list[dict[str, Any]]:
    return [{"type": each.type, "id": each.id, "transports": list(each.transports)} for each in credentials]


def _text(public_key: dict[str, Any]) -> str:
    return json.dumps({"publicKey": public_key}, separators=(",", ":"))
