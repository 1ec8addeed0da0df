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
SESSION = "session_id"
SESSION_LENGTH = 30  # letters and digits
SESSION_ID = re.compile(rf"[0-9A-Za-z]{{{SESSION_LENGTH}}}", re.ASCII)
BITS = 128


def encode(name: str, uuid: UUID) -> str:
    """Write the ID that a view or a column calls *name*: ``user_id`` gives ``usr-`` and the number."""
    return _encode_session(uuid) if name == SESSION else f"{PREFIXES[name]}-{uuid.int}"


def decode(name: str, text: str, *, needs_prefix: bool = True) -> UUID | None:
    """Read an ID of the kind *name*, or a UUID; None for anything else.

    Filters carry bare digits, as SDKs strip the prefix: they say that they don't *need* it.
    """
    if DASHED.fullmatch(text):
        return UUID(text)
    number = _session_number(text) if name == SESSION else _number(PREFIXES[name], text, needs_prefix)
    return UUID(int=number) if number is not None and number < 1 << BITS else None


def _number(prefix: str, text: str, needs_prefix: bool) -> int | None:
    digits = text.removeprefix(f"{prefix}-")
    is_one = (digits != text or not needs_prefix) and DIGITS.fullmatch(digits)
    return int(digits) if is_one else None


def _encode_session(uuid: UUID) -> str:
    number, letters = uuid.int, []
    while number:
        number, rest = divmod(number, len(LETTERS))
        letters.append(LETTERS[rest])
    return "".join(reversed(letters)).rjust(SESSION_LENGTH, LETTERS[0])


def _session_number(text: str) -> int | None:
    if not SESSION_ID.fullmatch(text):
        return None
    number = 0
    for letter in text:
        number = number * len(LETTERS) + LETTERS.index(letter)
    return number
