"""Providers that don't answer: one log-in after the other finds out whether they do again.

Each that waits keeps a thread of the server busy until the deadline, and a process has few: without this,
those who log in otherwise would wait with them.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from threading import Lock

from hanko_compat.errors.http_client import RequestFailed

IN_A_ROW = 3
"""So many log-ins that end at the deadline, and none that gets answers in between, are an outage."""


@dataclass(slots=True)
class Line:
    """How well one provider answers. Threads share it."""

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
                raise RequestFailed("no answers at present")
            self._is_tried = True

    def leave(self, *, is_overdue: bool) -> None:
        """End what `enter` began; *is_overdue* says that the deadline did."""
        with self._lock:
            self._overdue = self._overdue + 1 if is_overdue else 0
            self._is_tried = False


class Outages:
    """The lines to all providers, by ID."""

    def __init__(self) -> None:
        self._lines: defaultdict[str, Line] = defaultdict(Line)

    def line(self, provider_id: str) -> Line:
        """The one to this provider."""
        return self._lines[provider_id]
