"""A flood that four workers refuse leaves one event, and a line a minute of each worker."""

import json
from collections import Counter
from functools import partial
from uuid import UUID

import pytest

from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.models import AuditLog
from tests import factories
from tests.factories import make_account
from tests.faults.conftest import Starter
from tests.faults.racing import at_once

pytestmark = pytest.mark.servers

SETTINGS = {
    "rate_limiter.enabled": True,
    "audit_log.storage.enabled": True,
    "hanko_compat.limits.hashing.queue": 30,
}


def test_a_flood_at_one_user_is_told_once(start: Starter, database_url: str) -> None:
    server = start(SETTINGS)
    database = factories.write_to(open_database(database_url))
    user_id = make_account().user_id
    guess = {"user_id": str(user_id), "password": "wrong horse"}

    answers = at_once([partial(server.request, "POST", "/password/login", guess) for _ in range(40)])

    assert Counter(answer.status for answer in answers) == {401: 5, 429: 35}
    with database.connection():
        events: list[UUID] = [
            row.actor_user_id for row in AuditLog.select().where(AuditLog.type == "rate_limited")
        ]
    database.close_all()
    assert events == [user_id]
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    told = [line for line in lines if line.get("event") == "rate_limited"]
    assert 1 <= len(told) <= 4
    assert {(line["limit"], line["setting"]) for line in told} == {
        ("password", "rate_limiter.password_limits")
    }
    assert not any(str(user_id) in str(line) or "127.0.0.1" in str(line) for line in told)
