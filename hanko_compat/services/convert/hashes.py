"""Hashes of passwords, written as imports take them (the modular crypt format and PHC strings).

Where a key is longer than what is kept here, its beginning is enough: each block of PBKDF2 is computed on its
own (RFC 8018 s. 5.2), and scrypt ends with PBKDF2 (RFC 7914 s. 6). The same password fits, and no other.
"""

import base64
import re

from hanko_compat.errors.convert import HashConfigInvalid, HashNotVerified
from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing.reading import describe
from hanko_compat.services.convert.firebase_hashes import make_hash_config

PEPPERED = "$peppered$"
KEY_BYTES = {"sha1": 20, "sha256": 32, "sha512": 64}
NAMES = {"sha1": "pbkdf2", "sha256": "pbkdf2-sha256", "sha512": "pbkdf2-sha512"}
SCRYPT_KEY_BYTES = 32
HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
BASE64 = re.compile(r"[A-Za-z0-9+/._-]*={0,2}")
MOST_ROUNDS = 2**32 - 1
PBKDF2_PHC = re.compile(r"\$pbkdf2-(\w+)\$i=(\d{1,10}),l=\d{1,10}\$([^$]*)\$([^$]+)")
WERKZEUG = re.compile(r"scrypt:(\d{1,10}):(\d{1,5}):(\d{1,5})\$([^$]+)\$([^$]+)")
KIND = re.compile(r"(?:\$|\{)?([A-Za-z0-9][A-Za-z0-9_-]{0,30})[$}:]")
"""How most hashes begin: ``$md5$``, ``{SSHA}``, ``md5$``. What follows is none of anybody's business."""
OF_LOG_INS = re.compile(
    r"\$?(?:2[abxy]\$|argon2|scrypt\$|pbkdf2[$_-]|fbscrypt|bcrypt|wp\$|[PHS]\$)|U\$S\$|\$peppered"
)
"""How those begin of which `describe` says what is wrong."""


def verified(text: str) -> str:
    """A hash that log-ins verify, as it is.

    Raises:
        HashNotVerified: of another kind, broken, or one that costs more than a log-in may.
    """
    try:
        describe(text)
    except HashUnusable as error:
        raise HashNotVerified(error.reason if OF_LOG_INS.match(text) else kind_of(text)) from error
    return text


def kind_of(text: str) -> str:
    """What a hash is called, by how it begins."""
    found = KIND.match(text)
    return "of an unknown kind" if found is None else found[1].lower()


def pbkdf2(digest: str, rounds: int, *, salt: bytes, key: bytes) -> str:
    """A key of PBKDF2 with HMAC (RFC 8018).

    Raises:
        HashNotVerified: with another digest than SHA-1, SHA-256 or SHA-512, or broken.
    """
    if digest not in KEY_BYTES:
        raise HashNotVerified(f"pbkdf2 with {digest[:20]!a}")
    if not key or not 1 <= rounds <= MOST_ROUNDS:
        raise HashNotVerified("pbkdf2, broken")
    written = (_adapted(salt), _adapted(key[: KEY_BYTES[digest]]))
    return "$".join(("", NAMES[digest], str(rounds), *written))


def scrypt(cost: int, *, block_size: int, parallel: int, salt: bytes, key: bytes) -> str:
    """A key of scrypt (RFC 7914); *cost* is N, not its logarithm.

    Raises:
        HashNotVerified: N is no power of two, or the hash is broken.
    """
    is_power = cost > 1 and cost & (cost - 1) == 0
    if not is_power or cost >= 1 << 32 or block_size < 1 or parallel < 1 or not salt or not key:
        raise HashNotVerified("scrypt, broken")
    parameters = f"ln={cost.bit_length() - 1},r={block_size},p={parallel}"
    return f"$scrypt${parameters}${_plain(salt)}${_plain(key[:SCRYPT_KEY_BYTES])}"


def argon2(
    variant: str, *, version: int, memory: int, rounds: int, parallel: int, salt: bytes, key: bytes
) -> str:
    """A key of Argon2 (RFC 9106); *memory* in KiB.

    Raises:
        HashNotVerified: of no known variant, or broken.
    """
    text = f"$argon2{variant}$v={version}$m={memory},t={rounds},p={parallel}${_plain(salt)}${_plain(key)}"
    return verified(text)


def of_pbkdf2_phc(text: str) -> str:
    """``$pbkdf2-sha256$i=1000,l=32$salt$key``, as Ory Kratos and Auth0 write it.

    Raises:
        HashNotVerified: with another digest, or broken.
    """
    found = PBKDF2_PHC.fullmatch(text)
    if found is None:
        raise HashNotVerified("pbkdf2, broken")
    return pbkdf2(found[1], int(found[2]), salt=from_base64(found[3]), key=from_base64(found[4]))


def of_werkzeug(text: str) -> str:
    """``scrypt:32768:8:1$salt$key in hex`` (https://werkzeug.palletsprojects.com/en/stable/utils/).

    Raises:
        HashNotVerified: another kind, or broken.
    """
    found = WERKZEUG.fullmatch(text)
    if found is None:
        raise HashNotVerified(kind_of(text))
    cost, block_size, parallel = (int(found[index]) for index in (1, 2, 3))
    salt, key = found[4].encode("utf-8", "replace"), from_hex_or_base64(found[5])
    return scrypt(cost, block_size=block_size, parallel=parallel, salt=salt, key=key)


def of_firebase_parts(text: str) -> str:
    """``key$salt$signer key$separator$rounds$memory cost``, as Clerk takes Firebase's hashes.

    Raises:
        HashNotVerified: other parts, or broken ones.
    """
    parts = text.split("$")
    if len(parts) != 6:
        raise HashNotVerified("Firebase's scrypt, broken")
    key, salt, signer_key, separator, rounds, mem_cost = parts
    try:
        config = make_hash_config(
            signer_key=signer_key, salt_separator=separator, rounds=rounds, mem_cost=mem_cost
        )
    except HashConfigInvalid as error:
        raise HashNotVerified("Firebase's scrypt, broken") from error
    return config.hash_of(key, salt=salt)


def from_base64(text: str) -> bytes:
    """Bytes in base64 of any of its alphabets, padded or not.

    Raises:
        HashNotVerified: no base64.
    """
    unpadded = text.rstrip("=")
    if not BASE64.fullmatch(text) or len(unpadded) % 4 == 1:
        raise HashNotVerified("no base64")
    standard = unpadded.replace("-", "+").replace("_", "/").replace(".", "+")
    return base64.b64decode(standard + "=" * (-len(standard) % 4))


def from_hex(text: str) -> bytes:
    """Bytes in hexadecimal digits.

    Raises:
        HashNotVerified: others.
    """
    if not HEX.fullmatch(text):
        raise HashNotVerified("no hexadecimal digits")
    return bytes.fromhex(text)


def from_hex_or_base64(text: str) -> bytes:
    """Bytes in hexadecimal digits where there are only such, else in base64.

    Raises:
        HashNotVerified: neither.
    """
    return bytes.fromhex(text) if HEX.fullmatch(text) else from_base64(text)


def encoded_bytes(text: str, encoding: str) -> bytes:
    """Bytes in one of the encodings that exports name: ``base64``, ``hex``, ``utf8``.

    Raises:
        HashNotVerified: another encoding, or broken.
    """
    match encoding:
        case "base64":
            return from_base64(text)
        case "hex":
            return from_hex(text)
        case "utf8":
            return text.encode("utf-8", "replace")
        case _:
            raise HashNotVerified(f"in the encoding {encoding[:20]!a}")


def _plain(data: bytes) -> str:
    """Standard base64 without padding, as in PHC strings."""
    return base64.b64encode(data).decode().rstrip("=")


def _adapted(data: bytes) -> str:
    """The base64 of passlib: a dot for the plus, and no padding."""
    return _plain(data).replace("+", ".")
