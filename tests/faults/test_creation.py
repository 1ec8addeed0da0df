"""Rows that strangers may have made: as many as all workers together allow."""

from collections import Counter
from functools import partial
from typing import Any

import pytest

from hanko_compat.storage.models import AuditLog, WebauthnSessionData
from tests.faults.conftest import Starter
from tests.faults.racing import at_once
from tests.faults.rows import reading
from tests.servers.hanko_compat import HankoCompat, PatientWithRedis

pytestmark = pytest.mark.servers

LIMITED = {
    "rate_limiter.enabled": True,
    "hanko_compat.limits.passkey_challenges": {"tokens": 5, "interval": "1h"},
}


def flood(
    start: Starter, database_url: str, more: dict[str, Any], **how: type[HankoCompat]
) -> tuple[Counter[int], int]:
    """The statuses of forty ceremonies that one client begins at once, and the rows they leave."""
    server = start({**LIMITED, **more}, **how)
    begin = partial(server.request, "POST", "/webauthn/login/initialize", {})
    statuses = Counter(answer.status for answer in at_once([begin] * 40))
    with reading(database_url):
        return statuses, WebauthnSessionData.select().count()


def test_one_client_begins_a_bounded_number_of_ceremonies(start: Starter, database_url: str) -> None:
    assert flood(start, database_url, {}) == ({200: 5, 429: 35}, 5)


@pytest.mark.one_database
def test_so_it_does_where_redis_counts(start: Starter, database_url: str, on_redis: dict[str, Any]) -> None:
    assert flood(start, database_url, on_redis, kind=PatientWithRedis) == ({200: 5, 429: 35}, 5)


@pytest.mark.parametrize(
    "path", ["/thirdparty/auth", "/thirdparty/callback"], ids=["to a provider", "from a provider"]
)
def test_one_client_leaves_a_bounded_number_of_failures_in_the_audit_log(
    start: Starter, database_url: str, path: str
) -> None:
    limit = {"tokens": 5, "interval": "1h"}
    server = start(
        {
            "rate_limiter.enabled": True,
            "audit_log.storage.enabled": True,
            "hanko_compat.limits.provider_logins": limit,
        },
        workers=2,
    )
    statuses = Counter(answer.status for answer in at_once([partial(server.request, "GET", path)] * 20))
    assert statuses == {307: 5, 429: 15}
    with reading(database_url):
        assert Counter(row.type for row in AuditLog.select()) == {
            "thirdparty_signin_signup_failed": 5,
            "rate_limited": 1,
        }
