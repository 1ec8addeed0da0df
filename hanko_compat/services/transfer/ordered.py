"""Users of a file in the order of their IDs, in which a database writes them fastest.

Indexes by user then grow at their end. In the order of the file each transaction would change a page of each
index for each user, and a million users would be written a hundred times over.
"""

from collections.abc import Iterator
from uuid import UUID

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

    def add(self, number: int, user_id: UUID | None, members: bytes) -> None:
        """Keep the *members* of an entry, by its number and the ID of its user."""
        self._kept.add(user_id.bytes if user_id is not None else b"", number, members)

    def users(self, *, skip: int) -> Iterator[tuple[int, bytes]]:
        """The numbers of entries with their members, without the first *skip* of them."""
        return self._kept.values(skip=skip)
