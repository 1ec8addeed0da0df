"""A line of the log when a limit refuses requests: one a minute for each limit, however many it refuses."""

import logging
from threading import Lock

from hanko_compat.clock import Clock

logger = logging.getLogger(__name__)

PAUSE = 60.0  # seconds between two lines about one limit


class RefusalLog:
    """Tells the operator of a process which limits refuse, how often, and which key changes that.

    Lines name neither users nor clients: so many requests share one that it could name only a few.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._refused: dict[str, int] = {}  # since the last line
        self._silent_until: dict[str, float] = {}

    def note(self, limit: str, *, setting: str) -> None:
        """Note a request that *limit* refused; *setting* is the key of the configuration that sets it."""
        now = self._clock.monotonic()
        with self._lock:
            refused = self._refused.get(limit, 0) + 1
            is_due = now >= self._silent_until.get(limit, now)
            self._refused[limit] = 0 if is_due else refused
            if not is_due:
                return
            self._silent_until[limit] = now + PAUSE
        logger.warning("rate_limited", extra={"limit": limit, "refused": refused, "setting": setting})
