"""Hashes of passwords that were imported, and wait for the next log-in of their users."""

from dataclasses import dataclass

from hanko_compat.hashing.foreign import peppered
from hanko_compat.storage import passwords
from hanko_compat.storage.engine.database import Database

SAMPLE = 10_000
"""How many hashes are looked at: no index finds those of a kind, and of random IDs the first ones are any."""


@dataclass(frozen=True, slots=True)
class Peppered:
    """How many of the hashes that were ``looked_at`` can be checked with a pepper only."""

    looked_at: int
    found: int
    is_all: bool


def look_for_peppered(database: Database, *, sample: int = SAMPLE) -> Peppered:
    """Look for hashes that need a pepper, among *sample* at most.

    Raises:
        DatabaseUnavailable: the database does not answer.
    """
    with database.connection():
        hashes = passwords.list_some(limit=sample)
    found = sum(each.startswith(peppered.PREFIX) for each in hashes)
    return Peppered(len(hashes), found, is_all=len(hashes) < sample)
