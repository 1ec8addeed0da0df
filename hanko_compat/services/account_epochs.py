"""Epochs of accounts: one ends when what proves that an account is its owner's becomes another.

That is the password, the primary address, whether it is verified, and the first proof of an address.
"""

import hashlib
import json
from uuid import UUID

from hanko_compat.storage import account_epochs as rows
from hanko_compat.storage.engine.database import Database

MARK_LENGTH = 16  # hexadecimal digits


class AccountEpochs:
    """Tells epochs apart. Nothing is stored: they follow from what is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, user_id: UUID) -> str:
        """A digest that is another one in each epoch of the account. It is not for callers' eyes."""
        with self._database.connection():
            epoch = rows.find(user_id)
        members = [] if epoch is None else [None if each is None else str(each) for each in epoch]
        return hashlib.sha256(json.dumps(members).encode()).hexdigest()


def mark_of(token_id: str, epoch: str) -> str:
    """What stands for the epoch in a token: another text in each, so that no two show they are of one."""
    return hashlib.sha256(f"{token_id}.{epoch}".encode()).hexdigest()[:MARK_LENGTH]
