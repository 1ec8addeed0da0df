"""Whether hashes of conversions are those of the password, computed by other means than they were written."""

import base64
import hashlib

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from hanko_compat.hashing.hasher import NO_PASSCODE, Hasher
from tests.services.convert.converting import PASSWORD

HASHER = Hasher(concurrency=1, queue=1)
PBKDF2 = {"pbkdf2": "sha1", "pbkdf2-sha256": "sha256", "pbkdf2-sha512": "sha512"}


def is_of_password(text: str, password: str = PASSWORD) -> bool:
    """Whether the password has this hash."""
    kind, *parts = text.split("$")[1:]
    secret = password.encode()
    if kind in PBKDF2:
        rounds, salt, key = int(parts[0]), _bytes(parts[1]), _bytes(parts[2])
        return hashlib.pbkdf2_hmac(PBKDF2[kind], secret, salt, rounds, dklen=len(key)) == key
    if kind == "scrypt":
        cost = dict(each.split("=") for each in parts[0].split(","))
        salt, key = _bytes(parts[1]), _bytes(parts[2])
        numbers = {"n": 1 << int(cost["ln"]), "r": int(cost["r"]), "p": int(cost["p"])}
        return hashlib.scrypt(secret, salt=salt, maxmem=1 << 27, dklen=len(key), **numbers) == key
    if kind == "argon2id":
        cost = dict(each.split("=") for each in parts[1].split(","))
        numbers = {"memory_cost": int(cost["m"]), "iterations": int(cost["t"]), "lanes": int(cost["p"])}
        key = _bytes(parts[3])
        return Argon2id(salt=_bytes(parts[2]), length=len(key), **numbers).derive(secret) == key
    return HASHER.check(password, text, otherwise=NO_PASSCODE)


def _bytes(text: str) -> bytes:
    standard = text.replace(".", "+")
    return base64.b64decode(standard + "=" * (-len(standard) % 4))
