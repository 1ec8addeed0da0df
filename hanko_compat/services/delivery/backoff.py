"""How long a delivery waits after a failure before it is tried again."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from random import SystemRandom

from hanko_compat.clock import Clock
from hanko_compat.services.delivery.queue import Claim

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=15)
SHARE_OF_LIFETIME = 10
"""No growing pause is longer than this part of a delivery's lifetime."""

Jitter = Callable[[float, float], float]
"""Draws a factor between two, so that not everything happens at one moment."""
Backoff = Callable[[Claim], timedelta | None]
"""The pause after the attempt of a claim failed; None when it was the last attempt."""

_uniform = SystemRandom().uniform


def growing_pauses(
    *, longest_pause: timedelta = LONGEST_PAUSE, jitter: Jitter = _uniform
) -> Callable[[Claim], timedelta]:
    """Wait twice as long each time, until the delivery is of no use any more."""

    def pause(claim: Claim) -> timedelta:
        longest = longest_pause
        if claim.expires_at is not None:
            longest = min(longest, (claim.expires_at - claim.created_at) / SHARE_OF_LIFETIME)
        # 2**20 seconds are longer than any lifetime; higher powers could not be added to a time.
        doubled = FIRST_PAUSE * (1 << min(claim.failures, 20))
        # A second at least, as MySQL keeps no parts of one.
        return min(longest, doubled) * jitter(1.0, 1.5)

    return pause


def growing_pauses_for(lifetime: timedelta, *, longest_pause: timedelta, now: Clock) -> Backoff:
    """Wait twice as long each time; the last attempt is *lifetime* after the delivery was written."""
    growing = growing_pauses(longest_pause=longest_pause)

    def pause(claim: Claim) -> timedelta | None:
        left = claim.created_at + lifetime - now()
        # A second at least, as above.
        return max(min(growing(claim), left), FIRST_PAUSE) if left > timedelta(0) else None

    return pause


def fixed_pauses(pauses: Sequence[timedelta], *, jitter: Jitter = _uniform) -> Backoff:
    """Wait about as long as *pauses* say before each further attempt, and make no more than these."""

    def pause(claim: Claim) -> timedelta | None:
        if claim.failures >= len(pauses):
            return None
        return pauses[claim.failures] * jitter(0.75, 1.25)

    return pause
