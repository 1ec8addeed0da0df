"""Queries of the table ``audit_logs``."""

from datetime import datetime
from uuid import UUID, uuid4

from hanko_compat.storage.engine.recorded_text import recorded, recorded_json
from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import AuditLog

_CREATE = Statement(
    lambda: AuditLog.insert(
        id=argument("id", AuditLog.id),
        type=argument("type", AuditLog.type),
        error=argument("error", AuditLog.error),
        meta_http_request_id=argument("request_id", AuditLog.meta_http_request_id),
        meta_source_ip=argument("source_ip", AuditLog.meta_source_ip),
        meta_user_agent=argument("user_agent", AuditLog.meta_user_agent),
        actor_user_id=argument("actor_user_id", AuditLog.actor_user_id),
        actor_email=argument("actor_email", AuditLog.actor_email),
        details=argument("details", AuditLog.details),
        created_at=argument("now", AuditLog.created_at),
        updated_at=argument("now", AuditLog.updated_at),
    ),
)
WIDTH = 255  # characters of its varchar columns


def create(
    *,
    type: str,  # noqa: A002 - the column's name
    error: str | None,
    request_id: str,
    source_ip: str,
    user_agent: str,
    actor_user_id: UUID | None,
    actor_email: str | None,
    details: str,
    now: datetime,
) -> None:
    """Write one row. *details* is JSON; texts that are longer than their column are cut."""
    _CREATE.count(
        id=uuid4(),
        type=type,
        error=error and recorded(error[:WIDTH]),
        request_id=request_id[:WIDTH],
        source_ip=source_ip[:WIDTH],
        user_agent=recorded(user_agent[:WIDTH]),
        actor_user_id=actor_user_id,
        actor_email=actor_email and recorded(actor_email[:WIDTH]),
        details=recorded_json(details),
        now=now,
    )
