"""Reads the text of a hash, whoever wrote it, and says what it is. The beginning of the text decides.

Whoever imports hashes asks `describe` about each, and stores what it lets pass: this can be checked later.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import cast

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing import bcrypt, costs
from hanko_compat.hashing.foreign import peppered
from hanko_compat.hashing.stored import Description, StoredHash

LONGEST = 255
"""Letters of a hash: the column of Hanko's table takes no more."""

_OWN = "$2"
_FOREIGN: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "$argon2": ("argon2", "read"),
        "$scrypt$": ("scrypt", "read"),
        "$pbkdf2": ("pbkdf2", "read"),
        "$fbscrypt$": ("firebase", "read"),
        "$P$": ("phpass", "read_portable"),
        "$H$": ("phpass", "read_portable"),
        "$S$": ("phpass", "read_drupal"),
        "U$S$": ("phpass", "read_drupal"),
        "$wp$": ("prehashed", "read_wordpress"),
        "bcrypt_sha256$": ("prehashed", "read_django"),
        "bcrypt$": ("django", "read_bcrypt"),
        "argon2$": ("django", "read_argon2"),
        "scrypt$": ("django", "read_scrypt"),
        "pbkdf2_": ("django", "read_pbkdf2"),
    }
)
"""Modules of `foreign` and their functions, by how a text begins. No beginning is that of another.

They, and their libraries, are loaded with the first hash that needs them, which few installations have.
"""
# What is told of a text that is none of these: never the text itself, as it may be a password.
_KNOWN_BY_NAME: Mapping[str, str] = MappingProxyType(
    {
        "$1$": "md5-crypt",
        "$5$": "sha256-crypt",
        "$6$": "sha512-crypt",
        "$7$": "scrypt of crypt(3)",
        "$y$": "yescrypt",
        "$gy$": "yescrypt",
        "$apr1$": "md5-crypt of Apache",
        "$md5": "MD5",
        "$sha": "SHA",
        "$hmac": "HMAC",
        "{": "a hash of LDAP",
        "md5$": "Django's salted MD5",
        "sha1$": "Django's salted SHA-1",
        "scrypt:": "scrypt of Werkzeug",
        "pbkdf2:": "PBKDF2 of Werkzeug",
        "!": "Django's mark of no password",
    }
)


def describe(text: str) -> Description:
    """Say what a hash is, and whether it can be stored and checked here.

    Nothing is computed: time and memory are estimated from the parameters, as `costs` says.

    Raises:
        HashUnusable: it is of no kind that is known here, malformed, longer than 255 letters, or would cost
            more than a second or 256 MB at a log-in. Its ``reason`` names the algorithm and the parameters.
    """
    description = read(text).description
    if len(text) > LONGEST:
        raise HashUnusable(f"{description}: {len(text)} letters; the database takes {LONGEST}")
    costs.check(description)
    return description


def read(text: str, *, pepper: bytes = b"") -> StoredHash:
    """Read a hash, whatever it costs. Without a *pepper* those that need one can't be verified.

    Raises:
        HashUnusable: it is of no kind that is known here, or malformed.
    """
    if text.startswith(peppered.PREFIX):
        return peppered.over(_read_plain(text.removeprefix(peppered.PREFIX)), pepper)
    return _read_plain(text)


def longest_password(text: str | None) -> int:
    """How many bytes a password may have to be compared with this hash; bcrypt's 72 where there is none."""
    try:
        return bcrypt.MAX_BYTES if text is None else read(text).longest
    except HashUnusable:
        return bcrypt.MAX_BYTES


def _read_plain(text: str) -> StoredHash:
    if text.startswith(_OWN):
        return bcrypt.read(text)
    for beginning, (module, function) in _FOREIGN.items():
        if text.startswith(beginning):
            return _reader(module, function)(text)
    names = (name for beginning, name in _KNOWN_BY_NAME.items() if text.startswith(beginning))
    raise HashUnusable(f"{next(names, 'the hash')} is of no kind that can be checked here")


@cache
def _reader(module: str, function: str) -> Callable[[str], StoredHash]:
    loaded = import_module(f"hanko_compat.hashing.foreign.{module}")
    return cast("Callable[[str], StoredHash]", getattr(loaded, function))
