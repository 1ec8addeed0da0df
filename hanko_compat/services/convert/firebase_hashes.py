"""Firebase's hashes: parameters of the project, which its console shows, and the form that imports take.

https://firebase.google.com/docs/cli/auth#password_hash_parameters
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hanko_compat.errors.convert import HashConfigInvalid, HashNotVerified

BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
MEMBER = re.compile(r'"?(\w+)"?\s*:\s*"?([^\s",}]*)"?')
"""A line of what the console shows, which is no JSON."""
ALGORITHM = "SCRYPT"
LONGEST = 64 * 1024  # characters


@dataclass(frozen=True, slots=True)
class HashConfig:
    """What all hashes of a project have in common."""

    signer_key: str = field(repr=False)
    salt_separator: str
    rounds: int
    mem_cost: int

    def hash_of(self, key: str, *, salt: str) -> str:
        """The hash as imports write it.

        Raises:
            HashNotVerified: the key or the salt is no base64.
        """
        if not BASE64.fullmatch(key) or not BASE64.fullmatch(salt):
            raise HashNotVerified("Firebase's scrypt, broken")
        parameters = (
            f"v=1,n={self.mem_cost},r={self.rounds},p=1,ss={self.salt_separator},sk={self.signer_key}"
        )
        return f"$fbscrypt${parameters}${_padded(salt)}${_padded(key)}"


def read_hash_config(text: str) -> HashConfig:
    """The parameters, as Firebase's console shows them or as JSON, within ``hash_config`` or not.

    Raises:
        HashConfigInvalid: one is missing, or none that Firebase would have.
    """
    members = _members(text)
    algorithm = str(members.get("algorithm", ""))
    if algorithm.upper() != ALGORITHM:
        raise HashConfigInvalid(
            f"the hash configuration has no algorithm {ALGORITHM}: copy the password hash parameters from "
            f"Firebase's console (Authentication, Users, the menu with three dots) into a file"
        )
    return make_hash_config(
        signer_key=members.get("base64_signer_key"),
        salt_separator=members.get("base64_salt_separator"),
        rounds=members.get("rounds"),
        mem_cost=members.get("mem_cost"),
    )


def make_hash_config(*, signer_key: Any, salt_separator: Any, rounds: Any, mem_cost: Any) -> HashConfig:
    """Parameters, checked.

    Raises:
        HashConfigInvalid: one is missing, or none that Firebase would have.
    """
    for name, value in (("base64_signer_key", signer_key), ("base64_salt_separator", salt_separator)):
        is_empty_separator = value in (None, "") and name == "base64_salt_separator"
        if not is_empty_separator and not (isinstance(value, str) and BASE64.fullmatch(value)):
            raise HashConfigInvalid(f"the hash configuration lacks {name}, or it is no base64")
    return HashConfig(
        signer_key=_padded(signer_key),
        salt_separator=_padded(salt_separator or ""),
        rounds=_number("rounds", rounds, most=120),
        mem_cost=_number("mem_cost", mem_cost, most=30),
    )


def _members(text: str) -> Mapping[str, Any]:
    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        return dict(MEMBER.findall(text))
    if isinstance(members, dict):
        inner = members.get("hash_config", members)
        return inner if isinstance(inner, dict) else {}
    return {}


def _number(name: str, value: Any, *, most: int) -> int:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= most:
        raise HashConfigInvalid(f"the hash configuration lacks {name}, or it is no number from 1 to {most}")
    return int(text)


def _padded(text: str) -> str:
    """In the standard alphabet and with padding, as Hanko writes it."""
    unpadded = text.rstrip("=").replace("-", "+").replace("_", "/")
    return unpadded + "=" * (-len(unpadded) % 4)
