"""What every family makes of the text of a hash."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hanko_compat.errors.hashing import HashUnusable

LONGEST_PASSWORD = 1024
"""Bytes of a password that is compared with a hash of another system. Some read all of it in each round."""
SHORTEST_DIGEST = 16
"""Bytes of a hash: a shorter one would be met by guessing."""


@dataclass(frozen=True, slots=True)
class Description:
    """A hash, without anything secret in it: what it is, and what it costs to check a password."""

    algorithm: str
    parameters: Mapping[str, int] = field(default_factory=dict)
    """By the names that the algorithm's documentation gives them."""
    seconds: float = 0.0  # of one core: an estimate, see `costs`
    memory: int = 0  # bytes, while it is computed
    is_peppered: bool = False  # checked only with `hanko_compat.password.import_pepper`

    def __str__(self) -> str:
        """The algorithm with its parameters, such as ``argon2id (m=65536, t=3, p=4)``."""
        parameters = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        return f"{self.algorithm} ({parameters})" if parameters else self.algorithm


@dataclass(frozen=True, slots=True)
class StoredHash:
    """A hash that can be checked."""

    description: Description
    verify: Callable[[bytes], bool]
    """Whether a password of at most ``longest`` bytes has this hash; compared in constant time.

    Raises ValueError where the library refuses the hash after all.
    """
    longest: int = LONGEST_PASSWORD  # bytes


def checked_digest(digest: bytes, *, of: str) -> bytes:
    """Return *digest*, the part of a hash of the algorithm *of* that is compared.

    Raises:
        HashUnusable: it is too short to prove anything.
    """
    if len(digest) < SHORTEST_DIGEST:
        raise HashUnusable(f"{of}: the hash has fewer than {SHORTEST_DIGEST} bytes")
    return digest
