"""Queries of the table ``audit_logs``."""

from datetime import datetime
from uuid import UUID, uuid4

from hanko_compat.storage.models import AuditLog

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
    AuditLog.insert(
        id=uuid4(),
        type=type,
        error=error and error[:WIDTH],
        meta_http_request_id=request_id[:WIDTH],
        meta_source_ip=source_ip[:WIDTH],
        meta_user_agent=user_agent[:WIDTH],
        actor_user_id=actor_user_id,
        actor_email=actor_email and actor_email[:WIDTH],
        details=details,
        created_at=now,
        updated_at=now,
    ).execute()
