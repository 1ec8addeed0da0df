"""Entries of an import file."""

import io
import json
from typing import Any, BinaryIO

Entry = dict[str, Any]

HASH = "$2a$04$SF5I1fWlwfEyfGl3jgCPFumTG5K2fpHYuGlp.O0w0xmExMxgwqJZi"
MADE, CHANGED = "2023-06-07T13:42:49Z", "2024-02-03T04:05:06Z"
TIMES = {"created_at": MADE, "updated_at": CHANGED}
USER_ID = "5d1fa6d2-9ad1-4a5d-8a71-1d9b1f6a0001"

FULL: Entry = {
    "user_id": USER_ID,
    "emails": [
        {
            "id": "5d1fa6d2-9ad1-4a5d-8a71-1d9b1f6a0002",
            "address": "jane@example.test",
            "is_primary": True,
            "is_verified": True,
            "value": "Jane@Example.test",
            **TIMES,
        },
        {
            "id": "5d1fa6d2-9ad1-4a5d-8a71-1d9b1f6a0003",
            "address": "other@example.test",
            "is_primary": False,
            "is_verified": False,
            "is_claimed": True,
            "proved_at": CHANGED,
            **TIMES,
        },
    ],
    "name": 'Jane "J" Doe\\\t\u00e4\U0001f642',
    "given_name": "",
    "family_name": "Doe\nof Two Lines",
    "picture": "https://pictures.example.test/" + "p" * 300,
    "username": "Jane.Doe",
    "password": {"password": HASH, **TIMES},
    "otp_secret": {"secret": "JBSWY3DPEHPK3PXP", **TIMES},
    "webauthn_credentials": [
        {
            "id": "AAECAwQFBgcICQoLDA0ODw",
            "name": "Phone",
            "public_key": "pQECAyYgASFYIA",
            "attestation_type": "none",
            "sign_count": 7,
            "backup_eligible": True,
            "backup_state": False,
            "mfa_only": False,
            "aaguid": "adce0002-35bc-c60a-648b-0b25f1f05503",
            "transports": ["hybrid", "internal"],
            "last_used_at": CHANGED,
            "user_handle": "of-another-system",
            "details": {
                "id": "5d1fa6d2-9ad1-4a5d-8a71-1d9b1f6a0004",
                "tags": ["one", "two"],
                "username": "jane@example.test",
                "source_os": "iOS",
                "source_browser": "",
                "created_at": MADE,
            },
            **TIMES,
        },
        {
            "id": "EBESExQVFhcYGRobHB0eHw",
            "public_key": "pQECAyYgASFYIB",
            "attestation_type": "packed",
            "sign_count": 0,
            "backup_eligible": False,
            "backup_state": False,
            "mfa_only": True,
            "transports": [],
            **TIMES,
        },
    ],
    "metadata": {"public": {"plan": "gold"}, "private": {"n": [1, 2.5, None]}, "unsafe": {"\u00e4": "\\n"}},
    "identities": [
        {
            "id": "5d1fa6d2-9ad1-4a5d-8a71-1d9b1f6a0005",
            "provider_id": "google",
            "provider_user_id": "1234",
            "email": "jane@example.test",
            "data": {"sub": "1234", "name": "Jane"},
            "identifier_value": "jane@gmail.test",
            "avatar_url": "",
            "full_name": "Jane Doe",
            **TIMES,
        },
        {
            "id": "5d1fa6d2-9ad1-4a5d-8a71-1d9b1f6a0006",
            "provider_id": "https://idp.example.test",
            "provider_user_id": "jd",
            "data": {},
            "saml_domain": "example.test",
            **TIMES,
        },
    ],
    "is_disabled": True,
    "backend_api": {
        "status": "disabled",
        "webauthn_id": "chosen",
        "identifiers": [
            {
                "id": "5d1fa6d2-9ad1-4a5d-8a71-1d9b1f6a0007",
                "type": "username",
                "value": "Jane.Doe",
                "status": "primary",
                **TIMES,
            },
            {
                "id": "5d1fa6d2-9ad1-4a5d-8a71-1d9b1f6a0008",
                "type": "phone",
                "value": "+4915112345678",
                "status": "pending",
                **TIMES,
            },
        ],
    },
    **TIMES,
}
"""A user with everything, as an export writes it."""


def email(address: str, **changes: Any) -> Entry:
    """A verified primary address."""
    return {"address": address, "is_primary": True, "is_verified": True} | changes


def entry(address: str = "jane@example.test", **changes: Any) -> Entry:
    """A user with one address."""
    return {"emails": [email(address)]} | changes


def passkey(**changes: Any) -> Entry:
    """A passkey, as little of it as there may be."""
    least = {"id": "AAECAwQF", "public_key": "pQECAyYg", "attestation_type": "none"}
    return least | changes


def file_of(*entries: Any) -> BinaryIO:
    """An import file."""
    return io.BytesIO(json.dumps(entries).encode())
