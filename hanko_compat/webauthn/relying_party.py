"""For whom passkeys are made, and from where they may be used."""

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """A relying party (WebAuthn s. 4): ``origins`` are compared exactly, as browsers and apps send them."""

    id: str
    name: str
    origins: frozenset[str]

    @property
    def id_hash(self) -> bytes:
        """What authenticators say instead of the RP ID (WebAuthn s. 6.1)."""
        return sha256(self.id.encode()).digest()
