import re

import pytest

from hanko_compat.errors.api_secrets import ApiCredentialsInvalid
from hanko_compat.services.api_secrets import ApiSecrets
from hanko_compat.storage.models import ApiSecret
from tests.queries import assert_query_count


@pytest.fixture
def api_secrets(services):
    return services.api_secrets


def test_a_secret_has_the_form_that_sdks_check(api_secrets):
    new = api_secrets.create()
    assert re.fullmatch(r"pro-\d{1,20}", new.project_id)
    assert re.fullmatch(r"corbado1_[A-Za-z0-9]{43}", new.secret)


def test_secrets_are_stored_hashed(api_secrets, services):
    new = api_secrets.create()
    with services.database.connection():
        (row,) = ApiSecret.select()
    assert new.secret not in str(row.__data__)


def test_several_are_valid_at_once_until_they_are_revoked(api_secrets, clock):
    old = api_secrets.create()
    clock.advance(seconds=1)
    new = api_secrets.create()
    assert old.project_id == new.project_id == api_secrets.project_id()
    assert [info.id for info in api_secrets.list()] == [old.id, new.id]
    for each in (old, new):
        api_secrets.check(each.project_id, each.secret)
    assert api_secrets.revoke(old.id)
    assert not api_secrets.revoke(old.id)
    api_secrets.check(new.project_id, new.secret)
    with pytest.raises(ApiCredentialsInvalid):
        api_secrets.check(old.project_id, old.secret)


def test_the_project_id_outlives_its_secrets(api_secrets):
    first = api_secrets.create()
    api_secrets.revoke(first.id)
    assert not api_secrets.exist()
    assert api_secrets.create().project_id == first.project_id


def test_a_configured_project_id_counts(make_services):
    api_secrets = make_services({"hanko_compat.backend_api.project_id": "pro-7"}).api_secrets
    new = api_secrets.create()
    assert new.project_id == "pro-7"
    api_secrets.check("pro-7", new.secret)


@pytest.mark.parametrize("change", [("pro-1", None), (None, "corbado1_x"), ("", ""), ("pro-é", "é")])
def test_anything_else_is_refused(api_secrets, change):
    new = api_secrets.create()
    project_id, secret = change
    with pytest.raises(ApiCredentialsInvalid):
        api_secrets.check(
            new.project_id if project_id is None else project_id, new.secret if secret is None else secret
        )


def test_a_process_learns_soon_of_what_others_do(api_secrets, services, clock):
    other = ApiSecrets(services.database, project_id="", now=clock)
    assert not other.exist()
    new = api_secrets.create()
    clock.advance(seconds=2)
    other.check(new.project_id, new.secret)
    api_secrets.revoke(new.id)
    clock.advance(seconds=2)
    with pytest.raises(ApiCredentialsInvalid):
        other.check(new.project_id, new.secret)


def test_a_clock_that_is_set_back_keeps_no_revoked_secret_good(api_secrets, services, clock):
    other = ApiSecrets(services.database, project_id="", now=clock)
    new = api_secrets.create()
    other.check(new.project_id, new.secret)
    api_secrets.revoke(new.id)
    clock.advance(days=-1)
    clock.advance(seconds=2)
    with pytest.raises(ApiCredentialsInvalid):
        other.check(new.project_id, new.secret)


def test_a_check_asks_no_database_each_time(api_secrets):
    new = api_secrets.create()
    api_secrets.check(new.project_id, new.secret)
    with assert_query_count(0):
        api_secrets.check(new.project_id, new.secret)
