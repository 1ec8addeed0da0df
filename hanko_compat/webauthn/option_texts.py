"""Options for browsers as JSON in a text, as webauthn-json takes them; bytes are in base64url."""

import json
from collections.abc import Iterable
from typing import Any

from hanko_compat.webauthn.options import CreationOptions, CredentialDescriptor, RequestOptions


def creation_text(options: CreationOptions) -> str:
    """Options for ``navigator.credentials.create()`` (WebAuthn s. 5.4)."""
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
    """Options for ``navigator.credentials.get()`` (WebAuthn s. 5.5)."""
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
