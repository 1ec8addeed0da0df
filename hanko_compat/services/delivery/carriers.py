"""What the queue asks of each channel: how to deliver, within which limits, and what to log of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from hanko_compat.services.delivery.backoff import Backoff
from hanko_compat.services.delivery.queue import Channel, Claim


class Outcome(StrEnum):
    """What became of an attempt; the values are labels of the metrics of mails and webhooks."""

    SENT = "sent"
    DELAYED = "delayed"  # tried again
    REFUSED = "refused"  # lost: it never will be taken
    EXPIRED = "expired"  # lost: not delivered in time, or not in its number of attempts
    OBSOLETE = "obsolete"  # no longer wanted


Count = Callable[[Outcome], None]
"""Counts an attempt by its outcome."""


def ignore(_outcome: Outcome) -> None:
    """Count nothing."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt ended; ``reason`` says why it failed, without a word of the delivery."""

    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a channel one process does."""

    threads: int  # so many attempts are under way at a time
    lease: timedelta  # how long a claim keeps other processes off; longer than the attempts of a claim take
    most: int = 1  # deliveries of one claim, made one after the other by one thread
    for_recipient: int | None = None  # threads that one recipient may keep busy; None: all
    patience: float = float("inf")  # seconds; who takes longer is slow
    slow_threads: int = 0  # further threads, which recipients that are slow keep to
    longest_rest: float = 0.0  # seconds for which a recipient that fails gets nothing; 0: it never rests
    keeps: bool = False  # whether what is given up becomes a dead letter


class Carrier(Protocol):
    """Delivers what goes through one channel. Threads share it."""

    channel: Channel
    limits: Limits
    backoff: Backoff
    name: str  # in the log: ``<name>_failed`` when an attempt ended with an error of ours
    queue: str  # in the log: ``<queue>_reachable`` and ``<queue>_unreachable``

    def attempt(self, claim: Claim) -> Attempt:
        """Try to deliver: one of SENT, DELAYED, REFUSED and OBSOLETE."""

    def report(self, claim: Claim, attempt: Attempt) -> None:
        """Log and count what became of an attempt; OBSOLETE is not reported."""

    def rest(self, *, idle_for: float) -> None:
        """Close the connections that carried nothing for so many seconds."""
