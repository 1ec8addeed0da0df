"""The tables ``hanko_compat_projects`` and ``hanko_compat_api_secrets``: who may call the backend door."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from hanko_compat.storage.models import ApiSecret, Project


def find_project_id() -> str | None:
    """The project's ID; None before the first secret was made."""
    row = Project.select().order_by(Project.created_at, Project.id).first()
    return None if row is None else row.id


def create_project(project_id: str, *, now: datetime) -> None:
    """Keep the project's ID."""
    Project.insert(id=project_id, created_at=now).execute()


def create(secret_id: UUID, *, secret_hash: str, now: datetime) -> None:
    """Add a secret."""
    ApiSecret.insert(id=secret_id, secret_hash=secret_hash, created_at=now).execute()


def list_secrets() -> Sequence[ApiSecret]:
    """Every secret, the oldest first."""
    return list(ApiSecret.select().order_by(ApiSecret.created_at, ApiSecret.id))


def delete(secret_id: UUID) -> bool:
    """Delete a secret; False when there is none with this id."""
    return ApiSecret.delete().where(ApiSecret.id == secret_id).execute() == 1
