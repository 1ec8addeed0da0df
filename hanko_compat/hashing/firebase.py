"""Hashes of Firebase: a scrypt key (RFC 7914) encrypts the project's signer key (AES-256 in counter mode).

As imports write them: ``$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=...$salt$hash``. ``n`` is the exponent of the
memory cost; ``ss``, ``sk``, salt and hash are base64.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

PREFIX = "$fbscrypt$"
FORM = re.compile(
    r"\$fbscrypt\$v=1,n=(?P<n>\d{1,2}),r=(?P<r>\d{1,3}),p=(?P<p>\d{1,2})"
    r",ss=(?P<ss>[^,$]*),sk=(?P<sk>[^,$]+)\$(?P<salt>[^$]+)\$(?P<hash>[^$]+)"
)
MAX_MEMORY = 64 * 1024 * 1024  # bytes, four times what Firebase's own parameters take
MAX_PARALLEL = 16  # `p`: how often that is done one after the other
KEY_BYTES = 32
NONCE = bytes(16)


@dataclass(frozen=True, slots=True)
class FirebaseHash:
    """A hash in its parts; ``rounds`` is the block size of scrypt."""

    memory_exponent: int
    rounds: int
    parallel: int
    salt: bytes  # with the project's separator at its end
    signer_key: bytes
    expected: bytes

    @property
    def memory(self) -> int:
        """What scrypt needs, in bytes (RFC 7914 s. 2)."""
        return (128 << self.memory_exponent) * self.rounds


def read(text: str) -> FirebaseHash:
    """Read a hash.

    Raises:
        ValueError: it is none, or one that takes more memory or time than any project asks for.
    """
    found = FORM.fullmatch(text)
    if found is None:
        raise ValueError("no hash of Firebase")
    parts = FirebaseHash(
        memory_exponent=int(found["n"]),
        rounds=int(found["r"]),
        parallel=int(found["p"]),
        salt=_bytes(found["salt"]) + _bytes(found["ss"]),
        signer_key=_bytes(found["sk"]),
        expected=_bytes(found["hash"]),
    )
    is_sane = parts.memory_exponent and parts.rounds and 1 <= parts.parallel <= MAX_PARALLEL
    if not is_sane or parts.memory > MAX_MEMORY:
        raise ValueError("no sane cost")
    if not parts.signer_key or len(parts.signer_key) != len(parts.expected):
        raise ValueError("no key, or a hash of another length")
    return parts


def verify(password: bytes, parts: FirebaseHash) -> bool:
    """Whether *password* has this hash; compared in constant time."""
    key = hashlib.scrypt(
        password,
        salt=parts.salt,
        n=1 << parts.memory_exponent,
        r=parts.rounds,
        p=parts.parallel,
        maxmem=2 * MAX_MEMORY,
        dklen=KEY_BYTES,
    )
    encryptor = Cipher(AES(key), CTR(NONCE)).encryptor()
    return hmac.compare_digest(encryptor.update(parts.signer_key) + encryptor.finalize(), parts.expected)


def _bytes(text: str) -> bytes:
    """Decode base64 of either alphabet, padded or not."""
    unpadded = text.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)
