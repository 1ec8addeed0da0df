"""Hashes that bcrypt has computed in this run, remembered: to compute one takes longer than most tests.

The same password and hash always come to the same answer, so each pair is computed once. Who asks is seen all
the same: tests put their observers around what is here.
"""

import bcrypt
import pytest


def remember_answers() -> None:
    """Let bcrypt answer at once what it has answered before."""
    create, check = bcrypt.hashpw, bcrypt.checkpw
    known: dict[tuple[bytes, bytes], bool] = {}

    def create_once(password: bytes, salt: bytes) -> bytes:
        hashed = create(password, salt)
        known[password, hashed] = True
        return hashed

    def check_once(password: bytes, hashed: bytes) -> bool:
        if (password, hashed) not in known:
            known[password, hashed] = check(password, hashed)
        return known[password, hashed]

    bcrypt.hashpw, bcrypt.checkpw = create_once, check_once


def observe_checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that bcrypt compares with from now on, in order."""
    hashes: list[str] = []
    real = bcrypt.checkpw

    def observed(secret: bytes, hashed: bytes) -> bool:
        hashes.append(hashed.decode())
        return real(secret, hashed)

    monkeypatch.setattr(bcrypt, "checkpw", observed)
    return hashes
