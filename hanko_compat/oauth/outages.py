"""Providers that don't answer: they may take some of a process's threads for a while, and never all of them.

Each log-in that waits keeps a thread of the server busy until the deadline, and a process has few: without
this, those who log in otherwise would wait with them.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from threading import Condition, Lock
from time import monotonic

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client.deadline import Deadline

IN_A_ROW = 3
"""So many log-ins that end at the deadline, and none that gets answers in between, are an outage."""
PLACES = 6
"""So many threads of a process, which has eight by default, wait for providers at a time."""
SHARE = 4
"""So many of them for the same one."""
NO_ANSWERS = "no answers at present"
STANDSTILL = 1.0
"""Seconds after which nobody waits for a place any more, if nobody has come or left meanwhile."""


@dataclass(slots=True)
class _Table:
    """Places; ``moved_at`` is when somebody took or left one last."""

    places: int
    taken: int = 0
    moved_at: float = 0.0

    def move(self, number: int) -> None:
        """Take one place, or leave one."""
        self.taken += number
        self.moved_at = monotonic()


class Places:
    """The places of those who wait for an answer of any provider. Threads share it."""

    def __init__(self) -> None:
        self._all = _Table(PLACES)
        self._of_one: defaultdict[str, _Table] = defaultdict(lambda: _Table(SHARE))
        self._changed = Condition()

    def take(self, provider_id: str, deadline: Deadline) -> None:
        """Take a place; wait for one as long as there is a coming and going.

        Raises:
            RequestFailed: all are taken, by those who get no answers.
        """
        with self._changed:
            tables = (self._all, self._of_one[provider_id])
            while full := [table for table in tables if table.taken >= table.places]:
                patience = min(table.moved_at for table in full) + STANDSTILL - monotonic()
                if patience <= 0 or deadline.is_over:
                    raise RequestFailed("too many wait for answers")
                self._changed.wait(min(patience, STANDSTILL))
            for table in tables:
                table.move(+1)

    def leave(self, provider_id: str) -> None:
        """Give a place back."""
        with self._changed:
            for table in (self._all, self._of_one[provider_id]):
                table.move(-1)
            self._changed.notify_all()


@dataclass(slots=True)
class Line:
    """How well one provider answers, and the places of those who wait for it. Threads share it."""

    provider_id: str = ""
    places: Places = field(default_factory=Places)
    _overdue: int = 0
    _is_tried: bool = False
    _lock: Lock = field(default_factory=Lock)

    @property
    def is_down(self) -> bool:
        """Whether nobody has got answers lately."""
        return self._overdue >= IN_A_ROW

    def enter(self) -> None:
        """Begin to ask.

        Raises:
            RequestFailed: the provider does not answer, and somebody else is trying right now.
        """
        with self._lock:
            if not self.is_down:
                return
            if self._is_tried:
                raise RequestFailed(NO_ANSWERS)
            self._is_tried = True

    def leave(self, *, is_overdue: bool) -> None:
        """End what `enter` began; *is_overdue* says that the deadline did."""
        with self._lock:
            self._overdue = self._overdue + 1 if is_overdue else 0
            self._is_tried = False

    def take_place(self, deadline: Deadline) -> None:
        """Take a place of those who wait, to be given back by `leave_place`.

        Raises:
            RequestFailed: all are taken, by those who get no answers.
        """
        if self.is_down and self._is_tried:
            raise RequestFailed(NO_ANSWERS)
        self.places.take(self.provider_id, deadline)

    def leave_place(self) -> None:
        """Give it back."""
        self.places.leave(self.provider_id)


class Outages:
    """The lines to all providers, by ID."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._places = Places()

    def line(self, provider_id: str) -> Line:
        """The one to this provider."""
        return self._lines.setdefault(provider_id, Line(provider_id, self._places))
