import pytest

from hanko_compat.storage import keys as jwks
from hanko_compat.storage.engine.database import IntegrityError, open_database
from tests.signing_keys import MADE_AT


@pytest.fixture
def database(database_url):
    database = open_database(database_url)
    with database.connection():
        yield database
    database.close_all()


def test_keys_come_by_row_id(database):
    jwks.create(id=3, key_data="three", created_at=MADE_AT)
    jwks.create(id=2, key_data="two", created_at=MADE_AT)
    found = jwks.list_jwks()
    assert [row.id for row in found] == [1, 2, 3]
    assert [row.key_data for row in found[1:]] == ["two", "three"]
    assert [row.created_at for row in found] == [MADE_AT] * 3


def test_a_number_is_given_once(database):
    with pytest.raises(IntegrityError):
        database.transaction(lambda: jwks.create(id=1, key_data="again", created_at=MADE_AT))
    assert len(jwks.list_jwks()) == 1


def test_a_key_is_revoked_once(database):
    assert (jwks.list_revoked(), jwks.is_revoked("kid")) == (frozenset(), False)
    jwks.revoke("kid", now=MADE_AT)
    assert (jwks.list_revoked(), jwks.is_revoked("kid"), jwks.is_revoked("KID")) == ({"kid"}, True, False)
    with pytest.raises(IntegrityError):
        database.transaction(lambda: jwks.revoke("kid", now=MADE_AT))
