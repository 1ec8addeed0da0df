"""How servers see the ID of a row: a prefix and the 128 bits of its UUID in decimal."""

from uuid import UUID

PREFIXES = {
    "user_id": "usr",
    "identifier_id": "ide",
    "credential_id": "cre",
    "social_account_id": "soc",
    "challenge_id": "cha",
    "passkey_challenge_id": "was",
    "passkey_event_id": "pke",
    "auth_event_id": "aev",
    "connect_token_id": "ctk",
    "webhook_endpoint_id": "whe",
}
"""What IDs begin with, by the name that views and columns have for them."""


def encode(prefix: str, uuid: UUID) -> str:
    """Write an ID: ``usr-`` and the number."""
    return f"{prefix}-{uuid.int}"
