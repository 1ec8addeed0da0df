"""IDs as servers see them: a prefix and the 128 bits of a UUID in decimal, without a table that maps them.

A UUID is taken wherever an ID is; what is neither names nothing. A session's ID has 30 letters and digits
instead: the same number to the base of 62.
"""

import re
import string
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

FIELDS = {
    "user_id": "userID",
    "identifier_id": "identifierID",
    "credential_id": "credentialID",
    "challenge_id": "challengeID",
    "passkey_challenge_id": "passkeyChallengeID",
    "passkey_event_id": "passkeyEventID",
    "connect_token_id": "connectTokenID",
    "webhook_endpoint_id": "webhookEndpointID",
    "session_id": "sessionID",
}
"""What the paths of the backend door call them."""

DIGITS = re.compile(r"(?:0|[1-9][0-9]{0,38})", re.ASCII)
DASHED = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
LETTERS = string.digits + string.ascii_letters
SESSION_ID = re.compile(r"[0-9A-Za-z]{30}", re.ASCII)
BITS = 128


def encode(prefix: str, uuid: UUID) -> str:
    """Write an ID: ``usr-`` and the number."""
    return f"{prefix}-{uuid.int}"


def decode(prefix: str, text: str, *, needs_prefix: bool = True) -> UUID | None:
    """Read an ID with this *prefix*, or a UUID; None for anything else.

    Filters carry bare digits, as SDKs strip the prefix: they say that they don't *need* it.
    """
    if DASHED.fullmatch(text):
        return UUID(text)
    digits = text.removeprefix(f"{prefix}-")
    if (digits == text and needs_prefix) or not DIGITS.fullmatch(digits):
        return None
    number = int(digits)
    return UUID(int=number) if number < 1 << BITS else None


def encode_session(uuid: UUID) -> str:
    """Write the ID of a session."""
    number, letters = uuid.int, []
    while number:
        number, rest = divmod(number, len(LETTERS))
        letters.append(LETTERS[rest])
    return "".join(reversed(letters)).rjust(30, LETTERS[0])


def decode_session(text: str) -> UUID | None:
    """Read the ID of a session, or a UUID; None for anything else."""
    if DASHED.fullmatch(text):
        return UUID(text)
    if not SESSION_ID.fullmatch(text):
        return None
    number = 0
    for letter in text:
        number = number * len(LETTERS) + LETTERS.index(letter)
    return UUID(int=number) if number < 1 << BITS else None


def find(name: str, text: str) -> UUID | None:
    """Read the ID that a view or a column calls *name*."""
    return decode_session(text) if name == "session_id" else decode(PREFIXES[name], text)
