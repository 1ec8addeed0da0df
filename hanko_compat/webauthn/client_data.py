"""What the browser says about a ceremony: collected client data (WebAuthn s. 5.8.1)."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from hanko_compat.base64url import decode
from hanko_compat.errors.base64url import Base64urlMalformed
from hanko_compat.errors.passkeys import CredentialMalformed
from hanko_compat.webauthn.relying_party import RelyingParty

CREATE = "webauthn.create"
GET = "webauthn.get"


@dataclass(frozen=True, slots=True)
class ClientData:
    """The members that count, and the hash of the bytes that the authenticator signed."""

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
        CredentialMalformed: not JSON, or a member is missing or of another type.
    """
    try:
        content = json.loads(data.decode())
        if not isinstance(content, dict):
            raise CredentialMalformed
        challenge = decode(_text(content, "challenge"))
    except (ValueError, RecursionError, Base64urlMalformed) as error:
        raise CredentialMalformed from error
    return ClientData(
        type=_text(content, "type"),
        challenge=challenge,
        origin=_text(content, "origin"),
        top_origin=_text(content, "topOrigin") if content.get("topOrigin") is not None else None,
        hash=sha256(data).digest(),
    )


def _text(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str):
        raise CredentialMalformed
    return value
