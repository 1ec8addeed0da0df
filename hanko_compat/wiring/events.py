"""Events and what listens to them: the audit log, counters, webhooks."""

from collections.abc import Sequence

from hanko_compat.services.events import Events, Listener
from hanko_compat.services.login.outcomes import Outcomes
from hanko_compat.services.webhooks.user_events import UserEvents
from hanko_compat.wiring.audit_log import build_audit_log
from hanko_compat.wiring.hooks import build_hook_queue
from hanko_compat.wiring.metrics import build_metrics
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.webhooks import build_webhooks


def build_events(
    parts: Parts, *, durable: Sequence[Listener] = (), others: Sequence[Listener] = ()
) -> Events:
    """The events, with their listeners; *durable* and *others* listen besides those of the configuration."""
    metrics, webhooks = parts.get(build_metrics), parts.get(build_webhooks).recording
    hooks = UserEvents(parts.get(build_hook_queue))
    audit_log = parts.get(build_audit_log)
    durable = [*durable, audit_log.table] if audit_log.table else durable
    count, outcomes = (lambda event: metrics.count_event(event.type)), Outcomes(metrics)
    others = [*others, count, outcomes, webhooks.announce, hooks.announce]
    if audit_log.console:
        others.append(audit_log.console)
    return Events(
        durable=durable,
        for_changes=[webhooks.record, hooks.record],
        wants=lambda event: webhooks.wants(event) or hooks.wants(event),
        others=others,
    )
