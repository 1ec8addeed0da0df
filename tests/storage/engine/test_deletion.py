from datetime import timedelta

import pytest

from hanko_compat.storage.engine import deletion
from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.models import RevokedKey
from tests.signing_keys import MADE_AT


@pytest.fixture
def database(database_url):
    database = open_database(database_url)
    with database.connection():
        yield database
    database.close_all()


def add(*kids):
    for number, kid in enumerate(kids):
        RevokedKey.insert(kid=kid, revoked_at=MADE_AT + timedelta(days=number)).execute()


def delete(*, before, at_most=10):
    is_old = RevokedKey.revoked_at < MADE_AT + timedelta(days=before)
    return deletion.delete_some(RevokedKey, is_old, order=(RevokedKey.revoked_at,), at_most=at_most)


def kids():
    return sorted(row.kid for row in RevokedKey.select())


@pytest.mark.usefixtures("database")
def test_the_first_rows_that_meet_the_condition_are_deleted():
    add("d", "c", "b", "a")
    assert delete(before=3, at_most=2) == 2
    assert kids() == ["a", "b"]
    assert delete(before=3) == 1
    assert delete(before=3) == 0
    assert kids() == ["a"]


@pytest.mark.usefixtures("database")
def test_a_row_that_changed_meanwhile_stays(monkeypatch):
    add("a", "b")
    real = sorted

    def change(found):
        RevokedKey.update(revoked_at=MADE_AT + timedelta(days=9)).where(RevokedKey.kid == "a").execute()
        return real(found)

    monkeypatch.setattr(deletion, "sorted", change, raising=False)
    assert delete(before=3) == 1
    assert kids() == ["a"]
