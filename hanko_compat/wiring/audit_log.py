"""The audit log, by ``audit_log.*``."""

import sys
from dataclasses import dataclass
from typing import TextIO

from hanko_compat.services.audit.audit_log import AuditConsole, AuditTable
from hanko_compat.wiring.parts import Parts


@dataclass(frozen=True, slots=True)
class AuditLog:
    """What writes events down; None where the configuration does not ask for it."""

    table: AuditTable | None
    console: AuditConsole | None


def build_audit_log(parts: Parts, *, stream: TextIO | None = None) -> AuditLog:
    """The table and the console of the audit log; *stream* takes the place of the one that is configured."""
    settings, now = parts.config.audit_log, parts.now
    if stream is None:
        stream = sys.stderr if settings.console_output.output == "stderr" else sys.stdout
    return AuditLog(
        table=AuditTable(masked=settings.mask, now=now) if settings.storage.enabled else None,
        console=AuditConsole(stream, masked=settings.mask, now=now)
        if settings.console_output.enabled
        else None,
    )
