"""Users of a file in the order of their IDs, in which a database writes them fastest.

Indexes by user then grow at their end. In the order of the file each transaction would change a page of each
index for each user, and a million users would be written a hundred times over.
"""

import pickle
from collections.abc import Iterator

from hanko_compat.services.transfer.accounts import Account
from hanko_compat.storage.transfer.sorting import Sorted


class OrderedUsers:
    """Users by their IDs, those without one first, as the file has them: always the same for the same file.

    They are kept in a temporary file until `close`.
    """

    def __init__(self) -> None:
        self._kept = Sorted()

    def close(self) -> None:
        """Forget them."""
        self._kept.close()

    def add(self, number: int, account: Account) -> None:
        """Keep the user of an entry, by its number."""
        key = account.user_id.bytes if account.user_id is not None else b""
        self._kept.add(key, number, pickle.dumps((number, account)))

    def users(self, *, skip: int) -> Iterator[tuple[int, Account]]:
        """The users with the numbers of their entries, without the first *skip* of them."""
        for text in self._kept.values(skip=skip):
            # Nobody else can open the file.
            yield pickle.loads(text)  # noqa: S301
