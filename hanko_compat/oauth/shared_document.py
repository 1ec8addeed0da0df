"""A document of a provider that many log-ins need: fetched by one of them for all, and kept for a while."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Generic, TypeVar

from hanko_compat.clock import Clock
from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client.deadline import Deadline

V = TypeVar("V")

LIFETIME = timedelta(hours=1)
"""How old a document gets before it is fetched again."""
LONGEST = timedelta(hours=24)
"""How old one may be that is used because a newer one can't be fetched."""
PAUSE = timedelta(seconds=10)
"""How long nothing is fetched after an attempt, where there is something to go on with."""


@dataclass(frozen=True, slots=True)
class _Kept(Generic[V]):
    value: V
    fetched_at: float


class SharedDocument(Generic[V]):
    """One document. Threads share it.

    While one of them fetches it, others use what there is, or wait. When nothing new can be fetched, as the
    provider is down, the last one serves on for a day: a log-in needs the provider's token endpoint anyway,
    which decides by itself, over TLS. What can be fetched, and is refused by *fetch*, is never replaced so.
    """

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._kept: _Kept[V] | None = None
        self._running: Future[V] | None = None
        self._tried_at: float | None = None

    def get(self, fetch: Callable[[], V], *, patience: Callable[[], Deadline]) -> V:
        """The document, which *fetch* gets unless it is fresh; *patience* says how long another's may take.

        Raises:
            RequestFailed: it can't be fetched, and there is none that is young enough.
        """
        kept = self._kept
        if kept is not None and self._age(kept) < LIFETIME.total_seconds():
            return kept.value
        if kept is None or self._age(kept) >= LONGEST.total_seconds():
            running, is_mine = self._join(kept)
            return self._lead(fetch, running) if is_mine else _followed(running, deadline=patience())
        if self._has_rested():
            running, is_mine = self._join(kept)
            if is_mine:
                with suppress(RequestFailed):
                    return self._lead(fetch, running)
        return kept.value

    def renew(self, fetch: Callable[[], V], *, lacking: V, patience: Callable[[], Deadline]) -> V | None:
        """A document that is newer than *lacking*, which lacks something; None where there is none.

        Nothing is fetched within a while of the last attempt, so that nobody can make a provider be asked
        again and again.

        Raises:
            RequestFailed: it can't be fetched.
        """
        kept = self._kept
        if kept is not None and kept.value is not lacking:
            return kept.value
        if self._running is None and not self._has_rested():
            return None
        running, is_mine = self._join(kept)
        return self._lead(fetch, running) if is_mine else _followed(running, deadline=patience())

    def _join(self, seen: _Kept[V] | None) -> "tuple[Future[V], bool]":
        """The fetch that is running, and whether the caller, who has *seen* what is kept, has to make it."""
        with self._lock:
            if self._running is not None:
                return self._running, False
            if self._kept is not None and self._kept is not seen:  # one has ended since
                ended: Future[V] = Future()
                ended.set_result(self._kept.value)
                return ended, False
            self._running = Future()
            self._tried_at = self._clock.monotonic()
            return self._running, True

    def _lead(self, fetch: Callable[[], V], running: "Future[V]") -> V:
        began_at = self._clock.monotonic()
        failure = RequestFailed("what was fetched is refused")
        try:
            value = fetch()
            self._kept = _Kept(value, began_at)
            running.set_result(value)
        except RequestFailed as error:
            failure = error
            raise
        else:
            return value
        finally:
            with self._lock:
                self._running = None
            if not running.done():
                running.set_exception(failure)

    def _age(self, kept: _Kept[V]) -> float:
        return self._clock.monotonic() - kept.fetched_at

    def _has_rested(self) -> bool:
        tried_at = self._tried_at
        return tried_at is None or self._clock.monotonic() - tried_at >= PAUSE.total_seconds()


def _followed(running: "Future[V]", *, deadline: Deadline) -> V:
    try:
        return running.result(timeout=0 if deadline.is_over else deadline.left())
    except TimeoutError as error:
        raise RequestFailed("timed out") from error
    except RequestFailed as error:
        # One of its own for each thread: raising adds to an error where it was raised.
        raise RequestFailed(error.reason) from error
