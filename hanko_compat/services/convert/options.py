"""What an operator chooses about a conversion."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hanko_compat.services.convert.firebase_hashes import HashConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """``providers`` are names of identity providers there, and what they are called here."""

    now: datetime
    hash_config: HashConfig | None = field(default=None, repr=False)
    hashes: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Hashes of passwords that come in a file of their own, by the user's id."""
    takes_passwords: bool = True
    takes_otp_secrets: bool = True
    assumes_verified: bool = False
    """Whether an address is verified of which the system does not say."""
    providers: Mapping[str, str] = field(default_factory=dict)
