from datetime import timedelta
from uuid import UUID

import pytest

from hanko_compat.storage.engine.database import Database, IntegrityError
from hanko_compat.storage.saml import certificates as rows
from tests.clock import FakeClock

TEXTS = {"cert_data": "certificate", "cert_key": "key", "encryption_key": "secret"}
FIRST, SECOND = UUID(int=2), UUID(int=1)


def test_the_oldest_comes_first(database: Database, clock: FakeClock) -> None:
    now = clock().replace(microsecond=0)
    with database.connection():
        rows.create(id=SECOND, **TEXTS, now=now + timedelta(seconds=1))
        rows.create(id=FIRST, **TEXTS, now=now)
        found = rows.list_certificates()
    assert [row.id for row in found] == [FIRST, SECOND]
    assert [row.created_at - now for row in found] == [timedelta(0), timedelta(seconds=1)]
    assert {name: getattr(found[0], name) for name in TEXTS} == TEXTS


def test_an_id_is_given_once(database: Database, clock: FakeClock) -> None:
    with database.connection():
        rows.create(id=FIRST, **TEXTS, now=clock())
        with pytest.raises(IntegrityError):
            rows.create(id=FIRST, **{**TEXTS, "cert_data": "other"}, now=clock())
        assert [row.cert_data for row in rows.list_certificates()] == ["certificate"]
