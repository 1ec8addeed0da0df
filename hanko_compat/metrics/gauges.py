"""What is measured now and then: what waits, and what is in use."""

from datetime import datetime
from typing import Literal

from prometheus_client import CollectorRegistry, Gauge

HASHES = "Computations of password hashes that wait for their turn, or are under way."
CONNECTIONS = "Connections to the database, in use or idle."
MOST_CONNECTIONS = "How many connections to the database all processes may open together."
LENGTH = "Deliveries that wait, by channel; no more than 10,000 of each are counted."
AGE = "How long the oldest of these deliveries has waited; 0 where none does."
CLEANED_UP = "When this server has last finished a run of the clean-up, in seconds of Unix time."

Together = Literal["livesum", "mostrecent", "max"]
"""What several processes have together: the sum of those that live, what was set last, or the largest."""


class Gauges:
    """The measured values of one process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, meaning: str, *labels: str, together: Together) -> Gauge:
            name = f"hanko_compat_{name}"
            return Gauge(name, meaning, labels, registry=registry, multiprocess_mode=together)

        self._hashes = gauge("password_hashes", HASHES, "state", together="livesum")
        self._connections = gauge("database_connections", CONNECTIONS, "state", together="livesum")
        self._most_connections = gauge("database_connections_limit", MOST_CONNECTIONS, together="livesum")
        self._length = gauge("queue_length", LENGTH, "channel", together="mostrecent")
        self._age = gauge("queue_age_seconds", AGE, "channel", together="mostrecent")
        self._cleaned_up_at = gauge("clean_up_timestamp_seconds", CLEANED_UP, together="max")

    def note_clean_up(self, moment: datetime) -> None:
        """Note when a run of the clean-up was finished."""
        self._cleaned_up_at.set(moment.timestamp())

    def show_hashes(self, *, waiting: int, running: int) -> None:
        """Show how many computations of password hashes wait and run in this process now."""
        self._hashes.labels("waiting").set(waiting)
        self._hashes.labels("running").set(running)

    def show_connections(self, *, in_use: int, idle: int, limit: int) -> None:
        """Show how many connections to the database this process has now, and may have."""
        self._connections.labels("in_use").set(in_use)
        self._connections.labels("idle").set(idle)
        self._most_connections.set(limit)

    def show_queue(self, channel: str, *, length: int, age: float) -> None:
        """Show how many deliveries wait in a channel, and for how many seconds the oldest does."""
        self._length.labels(channel).set(length)
        self._age.labels(channel).set(age)
