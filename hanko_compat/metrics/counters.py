"""What is counted and measured. Labels have few values: routes as declared, no paths, ids or addresses."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER_METHOD = "other"
NO_ROUTE = "none"
# Seconds: reads take under a millisecond, log-ins a password hash of some 100 ms.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What one process counts. Several processes add up where `use_directory` was called before."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "hanko_compat_requests",
            "Answered requests.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "hanko_compat_request_duration_seconds",
            "Time from the first line of the application to the answer.",
            ("route",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._events = Counter(
            "hanko_compat_events",
            "What happened to accounts, by the type of the event.",
            ("type",),
            registry=self.registry,
        )
        self._log_ins = Counter(
            "hanko_compat_log_ins",
            "Log-ins that ended, by what they were made with, and whether they succeeded or failed.",
            ("method", "outcome"),
            registry=self.registry,
        )
        self._sign_ups = Counter(
            "hanko_compat_sign_ups",
            "New users: made by themselves or a server (direct), or by a log-in at a provider (third_party).",
            ("method",),
            registry=self.registry,
        )
        self._rate_limited = Counter(
            "hanko_compat_rate_limited",
            "Refused requests, by the limit that was exhausted.",
            ("limit",),
            registry=self.registry,
        )
        self._counted_in_memory = Counter(
            "hanko_compat_rate_limits_without_redis",
            "Limited requests that this process counted by itself because Redis did not answer.",
            registry=self.registry,
        )
        self._mails = Counter(
            "hanko_compat_mails",
            "Mails, by what they are about and what became of them: sent, delayed, refused or expired.",
            ("kind", "outcome"),
            registry=self.registry,
        )
        self._webhooks = Counter(
            "hanko_compat_webhooks",
            "Attempts to deliver a webhook, to a hook (Hanko's) or an endpoint of the backend door, and what"
            " became of them: sent, delayed, refused or expired.",
            ("receiver", "outcome"),
            registry=self.registry,
        )
        self._deleted_rows = Counter(
            "hanko_compat_deleted_rows",
            "Rows past their time that the clean-up deleted, by their kind.",
            ("kind",),
            registry=self.registry,
        )
        self._database_errors = Counter(
            "hanko_compat_database_errors",
            "Requests refused because the database did not answer.",
            registry=self.registry,
        )
        self._hashes = Gauge(
            "hanko_compat_password_hashes",
            "Computations of password hashes that wait for their turn, or are under way.",
            ("state",),
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self._connections = Gauge(
            "hanko_compat_database_connections",
            "Connections to the database, in use or idle.",
            ("state",),
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self._most_connections = Gauge(
            "hanko_compat_database_connections_limit",
            "How many connections to the database all processes may open together.",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self._waiting = Gauge(
            "hanko_compat_queue_length",
            "Deliveries that wait, by channel; no more than 10,000 of each are counted.",
            ("channel",),
            registry=self.registry,
            multiprocess_mode="mostrecent",
        )
        self._oldest = Gauge(
            "hanko_compat_queue_age_seconds",
            "How long the oldest of these deliveries has waited; 0 where none does.",
            ("channel",),
            registry=self.registry,
            multiprocess_mode="mostrecent",
        )
        self._cleaned_up_at = Gauge(
            "hanko_compat_clean_up_timestamp_seconds",
            "When this server has last finished a run of the clean-up, in seconds of Unix time.",
            registry=self.registry,
            multiprocess_mode="max",
        )

    def count_request(self, *, route: str | None, method: str, status: int, seconds: float) -> None:
        """Count an answered request; *route* is the pattern it matched, None when there is none."""
        route = route or NO_ROUTE
        method = method if method in METHODS else OTHER_METHOD
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def count_event(self, event_type: str) -> None:
        """Count an event; *event_type* is one of the constants of `hanko_compat.services.events`."""
        self._events.labels(event_type).inc()

    def count_log_in(self, method: str, *, succeeded: bool) -> None:
        """Count a log-in that ended; *method* is one of `hanko_compat.services.login.outcomes`."""
        self._log_ins.labels(method, "succeeded" if succeeded else "failed").inc()

    def count_sign_up(self, method: str) -> None:
        """Count a new user; *method* is direct or third_party."""
        self._sign_ups.labels(method).inc()

    def count_rate_limited(self, limit: str) -> None:
        """Count a request that a limit refused; *limit* is its name in the configuration."""
        self._rate_limited.labels(limit).inc()

    def count_without_redis(self) -> None:
        """Count a limited request for which Redis did not answer."""
        self._counted_in_memory.inc()

    def count_mail(self, kind: str, outcome: str) -> None:
        """Count an attempt to deliver a mail: sent, delayed (tried again), refused or expired (lost)."""
        self._mails.labels(kind, outcome).inc()

    def count_webhook(self, receiver: str, outcome: str) -> None:
        """Count an attempt to deliver a webhook to a hook or an endpoint; outcomes are those of mails."""
        self._webhooks.labels(receiver, outcome).inc()

    def count_deleted_rows(self, kind: str, number: int) -> None:
        """Count rows that the clean-up has deleted; *kind* is one of its kinds."""
        self._deleted_rows.labels(kind).inc(number)

    def count_database_error(self) -> None:
        """Count a request that failed because the database did not answer."""
        self._database_errors.inc()

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
        self._waiting.labels(channel).set(length)
        self._oldest.labels(channel).set(age)
