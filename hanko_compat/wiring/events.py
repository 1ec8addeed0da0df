"""Events and who listens to them: the audit log by ``audit_log.*``, counters, webhooks."""

import sys
from collections.abc import Sequence

from hanko_compat.services.audit.audit_log import AuditConsole, AuditTable
from hanko_compat.services.events import Events, Listener
from hanko_compat.wiring.metrics import build_metrics
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.webhooks import build_webhooks


def build_events(
    parts: Parts, *, durable: Sequence[Listener] = (), others: Sequence[Listener] = ()
) -> Events:
    """The events, with their listeners; *durable* and *others* listen besides those of the configuration."""
    settings, now = parts.config.audit_log, parts.now
    metrics, webhooks = parts.get(build_metrics), parts.get(build_webhooks).recording
    durable = [*durable]
    others = [*others, lambda event: metrics.count_event(event.type), webhooks.announce]
    if settings.storage.enabled:
        durable.append(AuditTable(masked=settings.mask, now=now))
    if settings.console_output.enabled:
        stream = sys.stderr if settings.console_output.output == "stderr" else sys.stdout
        others.append(AuditConsole(stream, masked=settings.mask, now=now))
    return Events(durable=durable, for_changes=[webhooks.record], wants=webhooks.wants, others=others)
