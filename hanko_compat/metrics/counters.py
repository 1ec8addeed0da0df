"""What is counted. Labels have few values: routes as they are declared, no paths, ids or addresses."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from hanko_compat.metrics.gauges import Gauges

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER_METHOD = "other"
NO_ROUTE = "none"
# Seconds: reads take under a millisecond, log-ins a password hash of some 100 ms.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


LOG_INS = "Log-ins that ended, by what they were made with, and whether they succeeded or failed."
SIGN_UPS = "New users: made by themselves or a server (direct), or by a log-in at a provider (third_party)."
WITHOUT_REDIS = "Limited requests that this process counted by itself because Redis did not answer."
MAILS = "Mails, by what they are about and what became of them: sent, delayed, refused or expired."
WEBHOOKS = (
    "Attempts to send a webhook to a hook (Hanko's) or an endpoint of the backend door, and what became of"
    " them: sent, delayed, refused or expired."
)
DELETED_ROWS = "Rows past their time that the clean-up deleted, by their kind."


class Metrics:
    """What one process counts. Several processes add up where `use_directory` was called before."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.gauges = Gauges(self.registry)
        self._requests = self._counter("requests", "Answered requests.", "route", "method", "status")
        self._seconds = Histogram(
            "hanko_compat_request_duration_seconds",
            "Time from the first line of the application to the answer.",
            ("route",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._events = self._counter("events", "What happened to accounts, by the type of the event.", "type")
        self._log_ins = self._counter("log_ins", LOG_INS, "method", "outcome")
        self._sign_ups = self._counter("sign_ups", SIGN_UPS, "method")
        self._rate_limited = self._counter(
            "rate_limited", "Refused requests, by the limit that was exhausted.", "limit"
        )
        self._counted_in_memory = self._counter("rate_limits_without_redis", WITHOUT_REDIS)
        self._mails = self._counter("mails", MAILS, "kind", "outcome")
        self._webhooks = self._counter("webhooks", WEBHOOKS, "receiver", "outcome")
        self._deleted_rows = self._counter("deleted_rows", DELETED_ROWS, "kind")
        self._database_errors = self._counter(
            "database_errors", "Requests refused because the database did not answer."
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

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"hanko_compat_{name}", meaning, labels, registry=self.registry)
