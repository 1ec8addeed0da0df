from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from hanko_compat.config.safety import KNOWN_SECRET
from hanko_compat.errors import NotThere
from hanko_compat.errors.database import SchemaBehind
from hanko_compat.errors.keys import (
    KeyRevocationRefused,
    KeyRotationRefused,
    SigningKeyMissing,
    SigningKeyUnreadable,
)
from hanko_compat.jose import encryption, signing_keys
from hanko_compat.services.keys.keys import Keys
from hanko_compat.storage import keys as jwks
from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.models import Jwk
from tests.queries import assert_query_count, recorded_queries
from tests.settings import SECRET
from tests.signing_keys import MADE_AT, encrypted, private_jwk

NEW_SECRET, THIRD_SECRET = "a-new-secret-0123456789", "a-third-secret-0123456789"
KID = private_jwk()["kid"]


@pytest.fixture
def database(database_url):
    database = open_database(database_url)
    yield database
    database.close_all()


@pytest.fixture
def make_keys(database, clock):
    """The service under other secrets; new keys are Ed25519, which takes no time."""

    def make(*secrets):
        return Keys(
            database,
            secrets=secrets or (SECRET,),
            algorithm="EdDSA",
            now=clock,
            sleep=lambda seconds: clock.advance(seconds=seconds),
        )

    return make


def rows(database):
    with database.connection():
        return jwks.list_jwks()


def empty(database):
    with database.connection():
        Jwk.delete().execute()


def belongs_to_hanko(database):
    with database.connection():
        database.peewee.execute_sql("CREATE TABLE schema_migration (version varchar(14) NOT NULL)")


def test_nothing_is_made_when_nothing_is_missing(database, make_keys):
    keys = make_keys()
    keys.ensure()
    assert [row.id for row in rows(database)] == [1]
    assert keys.current().kid == KID


@pytest.mark.parametrize(
    "secrets", [(SECRET,), (NEW_SECRET, SECRET), (THIRD_SECRET, NEW_SECRET, SECRET)], ids=len
)
def test_an_empty_table_gets_a_row_for_each_secret_under_the_first(database, make_keys, secrets):
    empty(database)
    keys = make_keys(*secrets)
    keys.ensure()
    found = rows(database)
    assert [row.id for row in found] == list(range(1, len(secrets) + 1))
    assert all(encryption.decrypt(row.key_data, secret=secrets[0]) for row in found)
    assert keys.current().kid == keys.list()[-1].kid


@pytest.mark.parametrize(
    ("algorithm", "published"), [("ES256", "ES256"), ("EdDSA", "EdDSA"), ("RS256-2048", "RS256")]
)
def test_new_keys_are_of_the_configured_algorithm(database, clock, algorithm, published):
    empty(database)
    keys = Keys(database, secrets=(SECRET,), algorithm=algorithm, now=clock)
    keys.ensure()
    assert [key["alg"] for key in keys.public_jwks()] == [published]


def test_a_new_secret_in_front_makes_a_key_that_signs(database, make_keys):
    keys = make_keys(NEW_SECRET, SECRET)
    keys.ensure()
    assert [row.id for row in rows(database)] == [1, 2]
    assert keys.current().kid != KID
    assert keys.find(KID).kid == KID
    again = make_keys(NEW_SECRET, SECRET)
    again.ensure()
    assert again.current().kid == keys.current().kid
    assert len(rows(database)) == 2


def test_a_new_secret_makes_a_key_though_a_rotation_took_its_number(database, make_keys):
    make_keys().rotate()
    keys = make_keys(NEW_SECRET, SECRET)
    keys.ensure()
    assert [row.id for row in rows(database)] == [1, 2, 3]
    assert encryption.decrypt(rows(database)[2].key_data, secret=NEW_SECRET)
    assert [info.is_current for info in keys.list()] == [False, False, True]
    make_keys(NEW_SECRET, SECRET).ensure()
    assert len(rows(database)) == 3


def test_a_missing_secret_stops_the_start_and_adds_nothing(database, make_keys):
    with pytest.raises(SigningKeyUnreadable) as failure:
        make_keys(NEW_SECRET, THIRD_SECRET).ensure()
    text = str(failure.value)
    assert "signing key 1 (table jwks)" in text
    assert "none of the 2 secrets in secrets.keys" in text
    assert SECRET not in text
    assert NEW_SECRET not in text
    assert len(rows(database)) == 1


def test_the_built_in_secret_of_hanko_3_is_recognised(database, make_keys):
    text = signing_keys.to_json(private_jwk()).decode()
    with database.connection():
        Jwk.update(key_data=encrypted(text, secret=KNOWN_SECRET)).execute()
    with pytest.raises(SigningKeyUnreadable) as failure:
        make_keys(NEW_SECRET).ensure()
    assert "the built-in secret of Hanko 3" in str(failure.value)
    assert "hanko_compat.allow_weak_secrets: true" in str(failure.value)
    make_keys(NEW_SECRET, KNOWN_SECRET).ensure()


def test_a_row_that_holds_something_else_is_named(database, make_keys):
    with database.connection():
        jwks.create(id=7, key_data=encrypted('{"kty":"oct"}', secret=SECRET), created_at=MADE_AT)
    with pytest.raises(SigningKeyUnreadable, match="signing key 7"):
        make_keys().ensure()


def test_a_damaged_private_half_stops_the_start(database, make_keys):
    empty(database)
    damaged = signing_keys.to_json(private_jwk() | {"p": "AQAB"}).decode()
    with database.connection():
        jwks.create(id=1, key_data=encrypted(damaged, secret=SECRET), created_at=MADE_AT)
    with pytest.raises(SigningKeyUnreadable):
        make_keys().ensure()


def test_rotation_adds_a_key_and_keeps_the_old_one(database, make_keys):
    keys = make_keys()
    kid = keys.rotate()
    assert keys.current().kid == kid
    assert keys.find(KID).kid == KID
    assert [key["kid"] for key in keys.public_jwks()] == [KID, kid]
    assert [row.id for row in rows(database)] == [1, 2]


def test_rotations_within_one_second_each_sign(make_keys):
    keys = make_keys()
    for _ in range(3):
        assert keys.rotate() == keys.current().kid


def test_a_rotated_key_signs_though_the_last_one_is_from_the_future(database, make_keys, clock):
    with database.connection():
        Jwk.update(created_at=clock() + timedelta(hours=5)).execute()
    keys = make_keys()
    assert keys.rotate() == keys.current().kid
    assert rows(database)[1].created_at > rows(database)[0].created_at


def test_other_processes_see_a_rotation(make_keys, clock):
    here, there = make_keys(), make_keys()
    assert there.current().kid == KID
    kid = here.rotate()
    clock.advance(seconds=6)
    assert there.find(kid).kid == kid
    assert there.current().kid == kid


def test_a_hanko_database_gets_no_key(database, make_keys):
    belongs_to_hanko(database)
    keys = make_keys(NEW_SECRET, SECRET)
    keys.ensure()
    assert keys.current().kid == KID
    with pytest.raises(KeyRotationRefused, match="belongs to Hanko"):
        keys.rotate()
    assert len(rows(database)) == 1


def test_a_hanko_database_without_keys_stops_the_start(database, make_keys):
    belongs_to_hanko(database)
    empty(database)
    with pytest.raises(SigningKeyMissing, match="start Hanko"):
        make_keys().ensure()


def test_a_database_without_tables_names_the_command(empty_database_url, clock):
    database = open_database(empty_database_url)
    keys = Keys(database, secrets=(SECRET,), algorithm="EdDSA", now=clock)
    for use in (keys.ensure, keys.rotate, keys.list):
        with pytest.raises(SchemaBehind, match="migrate up"):
            use()
    database.close_all()


def test_without_any_key_there_is_none_to_sign_with(database, make_keys):
    empty(database)
    with pytest.raises(SigningKeyMissing):
        make_keys().current()


@pytest.mark.parametrize("secrets", [(SECRET,), (NEW_SECRET, SECRET)], ids=len)
def test_of_hosts_that_start_together_one_makes_each_key(database, make_keys, monkeypatch, secrets):
    empty(database)
    gate, real, made = Barrier(2), signing_keys.generate, []

    def generate_together(algorithm):
        made.append(algorithm)
        if len(made) <= 2:
            gate.wait(10)
        return real(algorithm)

    monkeypatch.setattr(signing_keys, "generate", generate_together)
    hosts = [make_keys(*secrets) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda keys: keys.ensure(), hosts))
    assert len(made) >= len(secrets) + 1
    assert [row.id for row in rows(database)] == list(range(1, len(secrets) + 1))
    assert len({keys.list()[-1].kid for keys in hosts}) == 1


def test_a_flood_of_unknown_keys_causes_one_read(make_keys):
    keys = make_keys()
    keys.ensure()
    with assert_query_count(2):  # the keys, and which of them are revoked
        assert {keys.find(f"garbage {number}") for number in range(500)} == {None}


def test_a_flood_costs_one_read_every_few_seconds_beside_those_that_are_due(make_keys, clock):
    keys = make_keys()
    keys.ensure()
    with recorded_queries() as statements:
        for number in range(300):
            keys.find(f"garbage {number}")
            clock.advance(seconds=0.1)
    assert len(statements) <= 2 * 2 * 30 / 5


def test_parsed_keys_are_kept_over_a_refresh(make_keys, clock):
    keys = make_keys()
    before = keys.current()
    clock.advance(minutes=2)
    assert keys.current() is before


def test_a_revoked_key_is_gone_and_another_one_signs(database, make_keys):
    keys = make_keys()
    keys.revoke(KID)
    (other,) = [row for row in keys.list() if not row.is_revoked]
    assert (keys.find(KID), keys.current().kid) == (None, other.kid)
    assert [key["kid"] for key in keys.public_jwks()] == [other.kid]
    assert [(info.kid, info.is_current, info.is_revoked) for info in keys.list()] == [
        (KID, False, True),
        (other.kid, True, False),
    ]
    assert [row.id for row in rows(database)] == [1, 2]


def test_a_process_signs_with_the_new_key_before_the_old_one_is_revoked(database, make_keys, clock):
    there, seen = make_keys(), []
    here = make_keys()
    there.ensure()

    def sleep(seconds):
        clock.advance(seconds=seconds)
        with database.connection():
            seen.append((there.current().kid, jwks.is_revoked(KID)))

    here._sleep = sleep
    here.revoke(KID)
    assert seen == [(here.current().kid, False)]


def test_an_old_key_is_revoked_without_a_wait(make_keys, clock):
    keys = make_keys()
    kid = keys.rotate()
    clock.advance(minutes=1)
    before = clock()
    keys.revoke(KID)
    assert (clock(), keys.current().kid, keys.find(KID)) == (before, kid, None)


def test_another_process_finds_a_revoked_key_until_it_asks_or_reads_again(make_keys, clock):
    here, there = make_keys(), make_keys()
    here.rotate()
    clock.advance(minutes=1)
    assert there.find(KID).kid == KID
    here.revoke(KID)
    assert (there.find(KID).kid, there.find_unrevoked(KID)) == (KID, None)
    clock.advance(seconds=5)
    there.refresh()
    assert (there.find(KID), there.find_unrevoked(KID)) == (None, None)


def test_a_clock_that_is_set_back_keeps_no_revoked_key(make_keys, clock):
    here, there = make_keys(), make_keys()
    here.rotate()
    clock.advance(minutes=1)
    assert there.find(KID).kid == KID
    here.revoke(KID)
    clock.advance(days=-1)
    clock.advance(seconds=5)
    assert there.find(KID) is None


def test_a_key_that_is_made_after_a_revocation_is_the_newest_of_all_rows(database, make_keys, clock):
    with database.connection():
        Jwk.update(created_at=clock() + timedelta(hours=5)).execute()
    keys = make_keys()
    keys.revoke(KID)
    assert rows(database)[1].created_at > rows(database)[0].created_at


def test_what_can_not_be_revoked(database, make_keys):
    keys = make_keys()
    with pytest.raises(NotThere, match="no key unknown"):
        keys.revoke("unknown")
    keys.revoke(KID)
    with pytest.raises(KeyRevocationRefused, match="already"):
        keys.revoke(KID)
    assert len(rows(database)) == 2


def test_a_restart_makes_no_key_for_a_revoked_one(database, make_keys):
    keys = make_keys()
    keys.revoke(KID)
    again = make_keys()
    again.ensure()
    assert again.current().kid == keys.current().kid
    assert len(rows(database)) == 2


def test_on_a_database_of_hanko_only_a_key_that_does_not_sign_is_revoked(database, make_keys, clock):
    new = make_keys().rotate()
    belongs_to_hanko(database)
    clock.advance(minutes=1)
    keys = make_keys()
    with pytest.raises(KeyRevocationRefused, match="restart Hanko"):
        keys.revoke(new)
    assert keys.find(new).kid == new
    keys.revoke(KID)
    assert (keys.find(KID), keys.current().kid) == (None, new)
    assert [row.id for row in rows(database)] == [1, 2]


def test_keys_are_read_before_the_table_of_revoked_ones_is_there(database, make_keys):
    belongs_to_hanko(database)
    with database.connection():
        database.peewee.execute_sql("DROP TABLE hanko_compat_revoked_keys")
        database.peewee.execute_sql("DELETE FROM hanko_compat_migrations WHERE name = '0009_revoked_keys'")
    assert [info.kid for info in make_keys().list()] == [KID]
    with pytest.raises(SchemaBehind, match="migrate up"):
        make_keys().revoke(KID)


def test_list(make_keys, clock):
    keys = make_keys()
    kid = keys.rotate()
    old, new = keys.list()
    assert (old.row_id, old.kid, old.algorithm, old.created_at) == (1, KID, "RS256", MADE_AT)
    assert (new.row_id, new.kid, new.algorithm) == (2, kid, "EdDSA")
    assert new.created_at == clock().replace(microsecond=0).astimezone(UTC)
    assert isinstance(new.created_at, datetime)
    assert [old.is_current, new.is_current] == [False, True]
