"""Passkeys of other systems, as imports take them: only those with which somebody can log in here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from hanko_compat import base64url, rfc3339
from hanko_compat.errors.base64url import Base64urlMalformed
from hanko_compat.errors.convert import PasskeyNotUsable
from hanko_compat.errors.passkeys import CredentialMalformed
from hanko_compat.services.user_files.columns import LONGEST
from hanko_compat.storable_text import is_storable
from hanko_compat.webauthn.keys import checked_key, read_key

SIGN_COUNTS = range(2**32)  # WebAuthn Level 3 s. 6.1: 32 bits
TO_BASE64URL = str.maketrans("+/", "-_")
UUID_BYTES = 16


def from_base64(text: str) -> bytes:
    """The bytes of *text*: base64 of either alphabet (RFC 4648 s. 4 and 5), padded or not.

    Raises:
        PasskeyNotUsable: it is none.
    """
    try:
        return base64url.decode(text.translate(TO_BASE64URL))
    except Base64urlMalformed as error:
        raise PasskeyNotUsable("broken") from error


def handle_of(handle: bytes, *, user_id: UUID | None) -> str | None:
    """The user handle as imports take it: a text; None where it is that of all users here, the id's bytes.

    Raises:
        PasskeyNotUsable: neither a text nor the id, so that no log-in would know it again.
    """
    if user_id is not None and handle in (b"", user_id.bytes):
        return None
    try:
        text = handle.decode()
    except UnicodeDecodeError as error:
        raise PasskeyNotUsable("a user handle that is no text") from error
    if not text or len(text) > LONGEST or not is_storable(text):
        raise PasskeyNotUsable("a user handle that can't be stored")
    return text


def passkey(
    *,
    credential_id: bytes,
    public_key: bytes,
    user_handle: str | None,
    attestation_type: str = "",
    aaguid: UUID | None = None,
    sign_count: str = "",
    transports: Sequence[Any] = (),
    name: str = "",
    created_at: datetime | None = None,
) -> dict[str, Any]:
    """A member of ``webauthn_credentials``; *public_key* is a COSE key (RFC 9053), *sign_count* a number.

    Raises:
        PasskeyNotUsable: no such key, or an ID that is longer than can be stored.
    """
    try:
        checked_key(read_key(public_key))
    except CredentialMalformed as error:
        raise PasskeyNotUsable("no key of a kind that log-ins verify") from error
    id_ = base64url.encode(credential_id)
    if not 1 <= len(id_) <= LONGEST:
        raise PasskeyNotUsable("an ID of another length than can be stored")
    entry: dict[str, Any] = {
        "id": id_,
        "public_key": base64url.encode(public_key),
        "attestation_type": attestation_type[:LONGEST] or "none",
        "sign_count": _sign_count(sign_count),
    }
    if aaguid is not None and aaguid.int:
        entry["aaguid"] = str(aaguid)
    known = [
        each
        for each in transports
        if isinstance(each, str) and 1 <= len(each) <= LONGEST and is_storable(each)
    ]
    if known:
        entry["transports"] = list(dict.fromkeys(known))
    if name and len(name) <= LONGEST:
        entry["name"] = name
    if user_handle is not None:
        entry["user_handle"] = user_handle
    if created_at is not None:
        entry["created_at"] = entry["updated_at"] = rfc3339.written(created_at)
    return entry


def _sign_count(text: str) -> int:
    """The sign count, which has to be that of the last log-in: else a copy of the key could go unseen.

    Raises:
        PasskeyNotUsable: it is none.
    """
    count = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0
    if (text and str(count) != text) or count not in SIGN_COUNTS:
        raise PasskeyNotUsable("broken")
    return count
