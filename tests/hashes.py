"""Hashes that bcrypt has computed in this run, remembered: to compute one takes longer than most tests.

The same password and hash always come to the same answer, so each pair is computed once. Who asks is seen all
the same: by what `observed` calls, and by the hasher that services of tests have.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import bcrypt

from hanko_compat.hashing.admission import Admission
from hanko_compat.hashing.hasher import Hasher
from hanko_compat.hashing.waiting_room import WaitingRoom

Observer = Callable[[str | None], None]
"""Called with the hash that is compared with; None where a hash is made."""

_observers: list[Observer] = []


def remember_answers() -> None:
    """Let bcrypt answer at once what it has answered before."""
    create, check = bcrypt.hashpw, bcrypt.checkpw
    known: dict[tuple[bytes, bytes], bool] = {}

    def create_once(password: bytes, salt: bytes) -> bytes:
        _tell(None)
        hashed = create(password, salt)
        known[password, hashed] = True
        return hashed

    def check_once(password: bytes, hashed: bytes) -> bool:
        _tell(hashed.decode())
        if (password, hashed) not in known:
            known[password, hashed] = check(password, hashed)
        return known[password, hashed]

    bcrypt.hashpw, bcrypt.checkpw = create_once, check_once


@contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """Call *observer* before each computation of bcrypt in the block, on the thread that computes."""
    _observers.append(observer)
    try:
        yield
    finally:
        _observers.remove(observer)


@contextmanager
def observed_checks() -> Iterator[list[str]]:
    """The hashes that bcrypt compares with in the block, in order."""
    hashes: list[str] = []
    with observed(lambda hashed: None if hashed is None else hashes.append(hashed)):
        yield hashes


@contextmanager
def occupied(admission: Admission) -> Iterator[None]:
    """Leave no place for anybody else."""
    room = admission._room
    admission._room = WaitingRoom(0)
    yield
    admission._room = room


class WatchedHasher(Hasher):
    """Hashes passwords cheaply; ``before`` and ``after`` are called around each call, outside of its turn."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(password_cost=4, **settings)
        self.before: Callable[[], None] = _do_nothing
        self.after: Callable[[], None] = _do_nothing

    def hash_password(self, password: str, *, client: str) -> str:
        with self._watched():
            return super().hash_password(password, client=client)

    def hash_passcode(self, code: str, *, client: str) -> str:
        with self._watched():
            return super().hash_passcode(code, client=client)

    def verify_password(self, password: str, hashed: str | None, *, client: str) -> bool:
        with self._watched():
            return super().verify_password(password, hashed, client=client)

    def verify_passcode(self, code: str, hashed: str | None, *, client: str) -> bool:
        with self._watched():
            return super().verify_passcode(code, hashed, client=client)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        self.before()
        yield
        self.after()


def _tell(hashed: str | None) -> None:
    for observer in tuple(_observers):
        observer(hashed)


def _do_nothing() -> None:
    pass
