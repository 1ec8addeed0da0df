"""Who is next: a waiting room whose places clients share, so that none of them keeps the others out."""

from collections import deque
from itertools import count
from typing import Generic, TypeVar

from hanko_compat.errors.hashing import Overloaded

Item = TypeVar("Item")

SHARE = 4
"""While several clients wait, each has one of so many parts of the places."""
REMEMBERED = 1000
"""The turns of so many clients are remembered, those of the last ones."""
NEVER = -1
RETRY_AFTER = 2  # seconds


class WaitingRoom(Generic[Item]):
    """Items that wait for their turn, or have it; each belongs to a client.

    A client alone may take all places. While others wait, too, it may wait at a quarter of them, and at one
    at least. The turn goes to the client whose last turn is longest ago, so newcomers come first; within a
    client, to its oldest item. Only one thread at a time may be in here.
    """

    def __init__(self, places: int) -> None:
        """*places* are for what waits and what is under way together."""
        self._places = places
        self._share = max(1, places // SHARE)
        self._waiting: dict[str, deque[Item]] = {}  # in the order in which clients came
        self._under_way = 0
        self._turns = count()
        self._last_turns: dict[str, int] = {}  # in their order

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting

    @property
    def waiting(self) -> int:
        """How many items wait."""
        return sum(map(len, self._waiting.values()))

    @property
    def under_way(self) -> int:
        """How many items have their turn."""
        return self._under_way

    @property
    def is_next_new(self) -> bool:
        """Whether the next turn is the first one of its client that is remembered."""
        return any(client not in self._last_turns for client in self._waiting)

    def enter(self, client: str, item: Item) -> list[Item]:
        """Let an item wait; return those that had to leave for it, which will have no turn.

        Raises:
            Overloaded: the client has its share, or there is no place left that it has a better claim to.
        """
        leaving = self._make_room(client)
        self._waiting.setdefault(client, deque()).append(item)
        return leaving

    def take(self) -> Item | None:
        """Give the next item its turn; None when nothing waits. Tell by `end` when its turn is over."""
        if not self._waiting:
            return None
        client = min(self._waiting, key=self._last_turn)
        item = self._waiting[client].popleft()
        self._forget_if_gone(client)
        self._under_way += 1
        self._last_turns.pop(client, None)
        self._last_turns[client] = next(self._turns)
        if len(self._last_turns) > REMEMBERED:
            del self._last_turns[next(iter(self._last_turns))]
        return item

    def end(self) -> None:
        """Note that a turn is over."""
        self._under_way -= 1

    def _make_room(self, client: str) -> list[Item]:
        mine = len(self._waiting.get(client, ()))
        others = [name for name in self._waiting if name != client]
        if others and mine >= self._share:
            raise Overloaded(retry_after=RETRY_AFTER)
        # Who was alone until now had the places of all.
        leaving = [self._send_away(name) for name in others for _ in range(self._surplus(name))]
        if self._under_way + self.waiting >= self._places:
            leaving.append(self._send_away(self._find_victim(client, others)))
        return leaving

    def _find_victim(self, client: str, others: list[str]) -> str:
        """Who leaves for *client* where all places are taken: who has most, then who had a turn last."""
        mine = len(self._waiting.get(client, ()))
        victim = max(
            others, key=lambda name: (len(self._waiting[name]), self._last_turn(name)), default=client
        )
        most = len(self._waiting.get(victim, ()))
        is_later = self._last_turn(victim) > self._last_turn(client)
        if most > mine + 1 or (most == mine + 1 and is_later):
            return victim
        raise Overloaded(retry_after=RETRY_AFTER)

    def _surplus(self, client: str) -> int:
        return len(self._waiting[client]) - self._share

    def _send_away(self, client: str) -> Item:
        item = self._waiting[client].pop()
        self._forget_if_gone(client)
        return item

    def _forget_if_gone(self, client: str) -> None:
        if not self._waiting[client]:
            del self._waiting[client]

    def _last_turn(self, client: str) -> int:
        return self._last_turns.get(client, NEVER)
