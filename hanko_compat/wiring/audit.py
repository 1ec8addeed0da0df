"""What servers report to the audit log, and what operators read of it."""

from dataclasses import dataclass

from hanko_compat.services.audit.auth_events import AuthEvents
from hanko_compat.services.audit.reading import AuditLogReader
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.parts import Parts


@dataclass(frozen=True, slots=True)
class AuditServices:
    """The services of the audit log."""

    auth_events: AuthEvents
    reading: AuditLogReader


def build_audit(parts: Parts) -> AuditServices:
    """The services of the audit log; its listeners are those of `build_events`."""
    database, now = parts.get(build_database), parts.now
    return AuditServices(
        auth_events=AuthEvents(database, events=parts.get(build_events), now=now),
        reading=AuditLogReader(database, now=now),
    )
