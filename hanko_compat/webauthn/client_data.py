"""What the browser says about a ceremony: collected client data (WebAuthn s. 5.8.1)."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from hanko_compat.base64url import decode, encode
from hanko_compat.errors.base64url import Base64urlMalformed
from hanko_compat.errors.passkeys import CredentialMalformed
from hanko_compat.webauthn.relying_party import RelyingParty

CREATE = "webauthn.create"
GET = "webauthn.get"


@dataclass(frozen=True, slots=True)
class ClientData:
    """The members that count, and the hash of the bytes that the authenticator signed.

    A member that is left out is empty. So is the challenge where the text can't be that of one.
    """

    type: str
    challenge: bytes
    origin: str
    top_origin: str | None
    hash: bytes

    def is_from(self, rp: RelyingParty, *, type_: str) -> bool:
        """Whether it comes from a ceremony of this type at one of the origins of *rp*.

        A page in a frame of another site, whose browser names that site, has to be in one of them as well.
        """
        tops = {self.top_origin} - {None}
        return self.type == type_ and {self.origin, *tops} <= rp.origins


def read_client_data(data: bytes) -> ClientData:
    """Read ``clientDataJSON``.

    Raises:
        CredentialMalformed: not JSON, or a member is of another type.
    """
    try:
        content = json.loads(data.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise CredentialMalformed from error
    # As Hanko 2.7.0: null is an object without members.
    content = {} if content is None else content
    if not isinstance(content, dict) or not isinstance(content.get("crossOrigin"), bool | None):
        raise CredentialMalformed
    return ClientData(
        type=_text(content, "type"),
        challenge=_challenge(_text(content, "challenge")),
        origin=_text(content, "origin"),
        top_origin=_text(content, "topOrigin") or None,
        hash=sha256(data).digest(),
    )


def _text(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise CredentialMalformed
    return value


def _challenge(text: str) -> bytes:
    """The bytes of a challenge in its one written form: base64url without padding."""
    try:
        challenge = decode(text)
    except Base64urlMalformed:
        return b""
    return challenge if encode(challenge) == text else b""


def _no_constant(_name: str) -> None:
    """Refuse NaN and infinite numbers, which Python would read."""
    raise CredentialMalformed
