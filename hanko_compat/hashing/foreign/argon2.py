"""Argon2 (RFC 9106) in the PHC string format: ``$argon2id$v=19$m=65536,t=3,p=4$salt$hash``; also i and d."""

import base64
import re
from functools import partial

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError, VerifyMismatchError

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing import costs
from hanko_compat.hashing.foreign import base64_text
from hanko_compat.hashing.stored import Description, StoredHash, checked_digest

FORM = re.compile(
    r"\$(?P<type>argon2(?:id|i|d))\$(?:v=(?P<v>16|19)\$)?m=(?P<m>[1-9]\d{0,9}),t=(?P<t>[1-9]\d{0,9}),p=(?P<p>[1-9]\d{0,2})"
    r"\$(?P<salt>[A-Za-z0-9+/]+)\$(?P<hash>[A-Za-z0-9+/]+)"
)
SHORTEST_SALT = 8  # bytes, of RFC 9106 s. 3.1
MOST_LANES = 255  # each is a thread; Kratos takes two for each CPU of its server
_HASHER = PasswordHasher()


def read(text: str) -> StoredHash:
    """Read a hash.

    Raises:
        HashUnusable: it is none that the library takes.
    """
    found = FORM.fullmatch(text)
    if found is None:
        raise HashUnusable(
            "argon2: not of the form $argon2id$v=19$m=…,t=…,p=…$salt$hash, or of another version"
        )
    algorithm, memory, passes, lanes = found["type"], int(found["m"]), int(found["t"]), int(found["p"])
    description = Description(
        algorithm,
        {"m": memory, "t": passes, "p": lanes},
        seconds=memory * passes * costs.ARGON2_KIB,
        memory=memory * 1024,
    )
    if not (passes and 1 <= lanes <= MOST_LANES and memory >= 8 * lanes):
        raise HashUnusable(f"{description}: no parameters of argon2")
    try:
        salt, digest = base64_text.decode(found["salt"]), base64_text.decode(found["hash"])
    except ValueError:
        raise HashUnusable(f"{algorithm}: salt or hash are no base64") from None
    if _plain(salt) != found["salt"] or _plain(digest) != found["hash"]:
        raise HashUnusable(f"{algorithm}: the last letter of salt or hash has bits that mean nothing")
    if len(salt) < SHORTEST_SALT:
        raise HashUnusable(f"{algorithm}: the salt has fewer than {SHORTEST_SALT} bytes")
    checked_digest(digest, of=algorithm)
    return StoredHash(description, partial(_verify, text))


def _verify(text: str, password: bytes) -> bool:
    try:
        return _HASHER.verify(text, password)
    except VerifyMismatchError:
        return False
    except VerificationError as error:
        raise ValueError(f"the library refuses the hash: {error}") from error


def _plain(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
