"""Queries of the table ``audit_logs``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from hanko_compat.storage.engine.deletion import Old
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


class AuditEntry(NamedTuple):
    """A row: what happened, to whom, from where; ``details`` is JSON."""

    id: UUID
    created_at: datetime
    type: str
    error: str | None
    user_id: UUID | None
    email: str | None
    source_ip: str
    user_agent: str
    request_id: str
    details: str | None


class Key(NamedTuple):
    """The place of a row in the order of time; the id decides between rows of one moment."""

    created_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are looked for: those of a user, of some types, from a moment on."""

    user_id: UUID | None = None
    types: tuple[str, ...] = ()
    since: datetime | None = None


def list_latest(wanted: Wanted, *, at_most: int) -> list[Key]:
    """The places of the latest rows, up to a number, the oldest of them first."""
    order = (AuditLog.created_at.desc(), AuditLog.id.desc())
    rows = _keys(_conditions(wanted)).order_by(*order).limit(at_most)
    return [Key(*row) for row in rows][::-1]


def list_after(wanted: Wanted, key: Key | None, *, at_most: int) -> list[Key]:
    """The places of the next rows behind *key*, or of the first ones."""
    conditions = _conditions(wanted)
    if key is not None:
        # The first condition alone is what an index on the time can begin with.
        is_later = (AuditLog.created_at > key.created_at) | (AuditLog.id > key.id)
        conditions += [AuditLog.created_at >= key.created_at, is_later]
    rows = _keys(conditions).order_by(AuditLog.created_at, AuditLog.id).limit(at_most)
    return [Key(*row) for row in rows]


def list_some(ids: Sequence[UUID]) -> list[AuditEntry]:
    """The rows with these ids that are there, in the order of time."""
    if not ids:
        return []
    rows = (
        AuditLog.select(
            AuditLog.id,
            AuditLog.created_at,
            AuditLog.type,
            AuditLog.error,
            AuditLog.actor_user_id,
            AuditLog.actor_email,
            AuditLog.meta_source_ip,
            AuditLog.meta_user_agent,
            AuditLog.meta_http_request_id,
            AuditLog.details,
        )
        .where(AuditLog.id.in_(ids))
        .order_by(AuditLog.created_at, AuditLog.id)
        .tuples()
    )
    return [AuditEntry(*row) for row in rows]


def _keys(conditions: Sequence[Any]) -> Any:
    rows = AuditLog.select(AuditLog.created_at, AuditLog.id)
    return (rows.where(*conditions) if conditions else rows).tuples()


def _conditions(wanted: Wanted) -> list[Any]:
    conditions: list[Any] = []
    if wanted.user_id is not None:
        conditions.append(AuditLog.actor_user_id == wanted.user_id)
    if wanted.types:
        conditions.append(AuditLog.type.in_(wanted.types))
    if wanted.since is not None:
        conditions.append(AuditLog.created_at >= wanted.since)
    return conditions


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


def old(*, before: datetime) -> Old:
    """Rows that were written before a moment."""
    return Old(AuditLog, AuditLog.created_at < before, (AuditLog.created_at,))
