"""What is counted. Labels have few values: routes as they are declared, no paths, ids or addresses."""

from prometheus_client import CollectorRegistry, Counter, Histogram

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

    def count_request(self, *, route: str | None, method: str, status: int, seconds: float) -> None:
        """Count an answered request; *route* is the pattern it matched, None when there is none."""
        route = route or NO_ROUTE
        method = method if method in METHODS else OTHER_METHOD
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def count_event(self, event_type: str) -> None:
        """Count an event; *event_type* is one of the constants of `hanko_compat.services.events`."""
        self._events.labels(event_type).inc()

    def count_rate_limited(self, limit: str) -> None:
        """Count a request that a limit refused; *limit* is its name in the configuration."""
        self._rate_limited.labels(limit).inc()

    def count_without_redis(self) -> None:
        """Count a limited request for which Redis did not answer."""
        self._counted_in_memory.inc()

    def count_mail(self, kind: str, outcome: str) -> None:
        """Count an attempt to deliver a mail: sent, delayed (tried again), refused or expired (lost)."""
        self._mails.labels(kind, outcome).inc()

    def count_deleted_rows(self, kind: str, number: int) -> None:
        """Count rows that the clean-up has deleted; *kind* is one of its kinds."""
        self._deleted_rows.labels(kind).inc(number)

    def count_database_error(self) -> None:
        """Count a request that failed because the database did not answer."""
        self._database_errors.inc()
