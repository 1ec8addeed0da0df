"""A configuration on the database of the test, and an account to act on."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from hanko_compat.storage.models import AuditLog
from hanko_compat.wiring import Services
from tests.cli.terminal import write_config
from tests.factories import make_account
from tests.settings import settings_on

HOOKS = {"enabled": True, "hooks": [{"callback": "https://hooks.example.test/", "events": ["user"]}]}
SETTINGS = {
    "audit_log.storage.enabled": True,
    "hanko_compat.mail.security_notifications": True,
    "webhooks": HOOKS,
}


@pytest.fixture
def config(database_url: str) -> tuple[str, str]:
    """What every command is told."""
    return "--config", str(write_config(Path("users.yaml"), settings_on(database_url, SETTINGS)))


@pytest.fixture
def alice(services: Services) -> UUID:
    """The user of alice@example.test."""
    return make_account(address="alice@example.test").user_id


@pytest.fixture
def audited(services: Services) -> Any:
    """The types of events of a user in the audit log, each with who did it."""

    def read(user_id: UUID) -> list[tuple[str, str]]:
        with services.database.connection():
            rows = AuditLog.select().where(AuditLog.actor_user_id == user_id).order_by(AuditLog.created_at)
            return [(row.type, row.meta_user_agent) for row in rows]

    return read
