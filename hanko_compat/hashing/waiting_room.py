"""Who is next: a waiting room whose places clients share, so that none of them keeps the others out."""

from collections import Counter, deque
from typing import Generic, TypeVar

Item = TypeVar("Item")

SHARE = 4
"""While several clients wait, each has one of so many parts of the places."""


class Full(Exception):
    """There is no place for this client."""


class WaitingRoom(Generic[Item]):
    """Items that wait for their turn, or have it; each belongs to a client.

    A client alone may take all places. While others wait, too, it may wait at a quarter of them, and at one
    at least. The turn goes to whoever has the fewest under way, then to whoever has waited longest since its
    last turn; within a client, to its oldest item. Only one thread at a time may be in here.
    """

    def __init__(self, places: int) -> None:
        """*places* are for what waits and what is under way together."""
        self._places = places
        self._share = max(1, places // SHARE)
        self._waiting: dict[str, deque[Item]] = {}  # in the order of turns
        self._under_way: Counter[str] = Counter()

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting

    def enter(self, client: str, item: Item) -> list[Item]:
        """Let an item wait; return those that had to leave for it, which will have no turn.

        Raises:
            Full: the client has its share, or there is no place left that it has a better claim to.
        """
        leaving = self._make_room(client)
        self._waiting.setdefault(client, deque()).append(item)
        return leaving

    def take(self) -> tuple[str, Item] | None:
        """Give the next item its turn; None when nothing waits. Tell by `end` when its turn is over."""
        if not self._waiting:
            return None
        # Of several the first is taken, and that is who has waited longest.
        client = min(self._waiting, key=self._under_way.__getitem__)
        items = self._waiting.pop(client)
        item = items.popleft()
        if items:
            self._waiting[client] = items
        self._under_way[client] += 1
        return client, item

    def end(self, client: str) -> None:
        """Note that a turn of this client is over."""
        self._under_way[client] -= 1
        if not self._under_way[client]:
            del self._under_way[client]

    def _make_room(self, client: str) -> list[Item]:
        mine = len(self._waiting.get(client, ()))
        others = [items for name, items in self._waiting.items() if name != client]
        if others and mine >= self._share:
            raise Full
        # Who was alone until now had the places of all.
        leaving = [items.pop() for items in others for _ in range(len(items) - self._share)]
        if self._taken() >= self._places:
            greediest = max(others, key=len, default=deque[Item]())
            # Who would then wait with as many as that client, or more, has no better claim.
            if len(greediest) < mine + 2:
                raise Full
            leaving.append(greediest.pop())
        return leaving

    def _taken(self) -> int:
        return self._under_way.total() + sum(map(len, self._waiting.values()))
