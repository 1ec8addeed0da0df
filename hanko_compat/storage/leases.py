"""Queries of the table ``hanko_compat_leases``: a claim is one statement that only one caller can win."""

from datetime import datetime
from typing import Any

from hanko_compat.storage.models import Lease

NOBODY = ""


def create(name: str, *, due_at: datetime) -> None:
    """Write a piece of work that nobody does.

    Raises:
        IntegrityError: it is there.
    """
    Lease.insert(name=name, holder=NOBODY, ends_at=due_at, due_at=due_at).execute()


def find(name: str) -> Lease | None:
    """A piece of work, or None."""
    found: Lease | None = Lease.get_or_none(Lease.name == name)
    return found


def claim(name: str, *, holder: str, at: datetime, ends_at: datetime, may_be_early: bool) -> bool:
    """Take the lease of work that is due and that nobody does; exactly one caller gets True.

    Work that *may_be_early* need not be due.
    """
    is_free = (Lease.holder == NOBODY) | (Lease.ends_at <= at)
    is_due = is_free if may_be_early else is_free & (Lease.due_at <= at)
    changes = {"holder": holder, "ends_at": ends_at}
    return Lease.update(changes).where((Lease.name == name) & is_due).execute() == 1


def renew(name: str, *, holder: str, ends_at: datetime) -> bool:
    """Hold a lease for longer; False when another one has it."""
    return Lease.update(ends_at=ends_at).where(_is_held(name, holder)).execute() == 1


def release(name: str, *, holder: str, due_at: datetime | None) -> None:
    """Give a lease back, unless another one has it; with *due_at* where the work was done."""
    changes: dict[str, Any] = {"holder": NOBODY}
    if due_at is not None:
        changes["due_at"] = due_at
    Lease.update(changes).where(_is_held(name, holder)).execute()


def _is_held(name: str, holder: str) -> Any:
    return (Lease.name == name) & (Lease.holder == holder)
