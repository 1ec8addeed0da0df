"""Who of a channel may get something now, so that one who is slow, or down, keeps nobody else waiting.

Slow is who had an attempt that took longer than the channel's patience, until an attempt is quicker. The
slow ones have threads of their own, and get none of the others. More than one thread has only who is known
to be quick. Who fails rests for a while, longer with each failure in a row, so that a long queue for somebody
who is down costs little.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from hanko_compat.services.delivery.carriers import Limits

FIRST_REST = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Openings:
    """Who may get something, at one moment."""

    closed: frozenset[str]
    slow: frozenset[str]
    for_slow: bool
    for_others: bool

    def accept(self, recipient: str) -> bool:
        """Whether *recipient* may get something."""
        if recipient in self.closed:
            return False
        return self.for_slow if recipient in self.slow else self.for_others


@dataclass(slots=True)
class UnderWay:
    """An attempt, or several to the same recipient by one thread."""

    recipients: frozenset[str]
    slow_at: float


@dataclass(slots=True)
class Failing:
    """A recipient that fails."""

    times: int
    rests_until: float


@dataclass(slots=True)
class Recipients:
    """Those of one channel, as one process knows them. Its dispatcher lets in one thread at a time."""

    limits: Limits
    threads: int
    monotonic: Callable[[], float]
    _under_way: list[UnderWay] = field(default_factory=list)
    _slow: set[str] = field(default_factory=set)
    _quick: set[str] = field(default_factory=set)
    _failing: dict[str, Failing] = field(default_factory=dict)

    @property
    def all_threads(self) -> int:
        """How many deliver at a time, those for slow recipients included."""
        return self.threads + self.limits.slow_threads

    @property
    def are_served(self) -> bool:
        """Whether something is under way."""
        return bool(self._under_way)

    @property
    def next_change(self) -> float:
        """Seconds until there may be an opening, although no attempt ends; infinity when that is never."""
        now = self.monotonic()
        moments = [each.rests_until for each in self._failing.values()]
        moments += [each.slow_at for each in self._under_way]
        return min((moment - now for moment in moments if moment > now), default=float("inf"))

    def openings(self) -> Openings | None:
        """Who may get something now; None for nobody."""
        now = self.monotonic()
        slow = sum(now >= each.slow_at for each in self._under_way)
        is_full = len(self._under_way) >= self.all_threads
        for_slow = not is_full and slow < (self.limits.slow_threads or self.threads)
        for_others = not is_full and len(self._under_way) - slow < self.threads
        if not (for_slow or for_others):
            return None
        closed = {recipient for recipient, each in self._failing.items() if each.rests_until > now}
        closed |= self._busy()
        return Openings(frozenset(closed), frozenset(self._slow), for_slow=for_slow, for_others=for_others)

    def begin(self, recipients: frozenset[str]) -> UnderWay:
        """Note that a thread delivers to *recipients*."""
        now = self.monotonic()
        is_slow = not self._slow.isdisjoint(recipients)
        under_way = UnderWay(recipients, slow_at=now if is_slow else now + self.limits.patience)
        self._under_way.append(under_way)
        return under_way

    def end(self, under_way: UnderWay) -> None:
        """Note that a thread is free."""
        self._under_way.remove(under_way)

    def note(self, recipient: str, *, seconds: float, has_failed: bool) -> None:
        """Note how an attempt went."""
        if seconds >= self.limits.patience:
            self._slow.add(recipient)
            self._quick.discard(recipient)
        else:
            self._slow.discard(recipient)
            self._quick.add(recipient)
        longest = self.limits.longest_rest
        if not has_failed:
            self._failing.pop(recipient, None)
        elif longest:
            former = self._failing.get(recipient)
            times = former.times + 1 if former else 1
            rest = min(longest, FIRST_REST * 2 ** min(times - 1, 20))
            self._failing[recipient] = Failing(times, self.monotonic() + rest)

    def _busy(self) -> set[str]:
        """Who keeps as many threads busy as it may."""
        most = self.limits.for_recipient
        if most is None:
            return set()
        busy = Counter(recipient for each in self._under_way for recipient in each.recipients)
        return {who for who, threads in busy.items() if threads >= (most if who in self._quick else 1)}
