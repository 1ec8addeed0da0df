"""One log line for each request: what was asked, how it went, how long it took; no query, header or body."""

import logging
from dataclasses import dataclass

from hanko_compat.client import Client

logger = logging.getLogger("hanko_compat.access")

QUIET_PREFIXES = ("/health/", "/metrics", "/dev/mailbox", "/playground/")


@dataclass(frozen=True, slots=True)
class AccessLog:
    """Writes the lines of one application."""

    log_health_and_metrics: bool  # the configuration's ``log.log_health_and_metrics``

    def wants(self, path: str) -> bool:
        """Whether a request of *path* gets a line; probes would hide the rest."""
        return self.log_health_and_metrics or not path.startswith(QUIET_PREFIXES)

    def write(self, *, method: str, path: str, status: int, seconds: float, client: Client) -> None:
        """Write the line. The request id is added to it as to every other line of the request."""
        logger.info(
            "request",
            extra={
                "method": method,
                "path": path,
                "status": status,
                "duration_ms": round(seconds * 1000, 3),
                "client": client.ip_address,
            },
        )
