"""On databases that Hanko wrote: what can't be used any more goes, and everything else stays as it is."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from hanko_compat import wiring
from hanko_compat.clock import utc_now
from hanko_compat.config import from_mapping
from hanko_compat.services.clean_up.schedule import NAME, WALKS
from hanko_compat.storage import leases
from hanko_compat.storage.models import HANKO_TABLES
from hanko_compat.storage.schema import indexes, migrate
from hanko_compat.wiring import Services
from tests.clock import FakeClock
from tests.factories import make_email, make_identity, make_passcode, make_token, make_user, write_to
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.run import Run
from tests.services.clean_up.full import KINDS, exists
from tests.settings import settings_on
from tests.storage import restored

pytestmark = pytest.mark.servers

NO_LONGER_OF_USE = {
    "passcodes",
    "sessions",
    "tokens",
    "webauthn_session_data",
    "webauthn_session_data_allowed_credentials",
    "saml_states",
    "saml_idp_initiated_requests",
}
OURS = ("unclaimed_addresses", "empty_users", "audit_log")
"""Kinds that are deleted on a database of ours only, or when an operator says so."""
ASKED_FOR = {"hanko_compat.cleanup.unverified_sign_ups": "24h"}


@pytest.fixture(params=restored.FOLDERS)
def services(request: pytest.FixtureRequest, test_run: Run) -> Iterator[Services]:
    """On a copy of a database of Hanko's, a year after all that is in it."""
    if request.param.startswith("mariadb"):
        mariadb = MariaDB(test_run)
        mariadb.shared()
        url = restored.on_mariadb(mariadb, request.param, name="clean_up")
    else:
        postgres = Postgres(test_run)
        postgres.shared()
        url = restored.on_postgres(postgres, request.param, name="clean_up")
    clock = FakeClock(utc_now().replace(microsecond=0) + timedelta(days=365))
    services = wiring.build(from_mapping(settings_on(url, ASKED_FOR), environ={}), now=clock)
    migrate.up(services.database)
    write_to(services.database)
    yield services
    services.database.close_all()


def counts(services: Services) -> dict[str, int]:
    with services.database.connection():
        return {model._meta.table_name: model.select().count() for model in HANKO_TABLES}


def make(services: Services, names: tuple[str, ...]) -> dict[str, Any]:
    """An old row of each kind."""
    with services.database.connection():
        return {name: KINDS[name][0](services.now() - timedelta(days=200)) for name in names}


def of_flows(services: Services) -> list[Any]:
    """What Hanko's own flows have made."""
    moment = services.now() - timedelta(days=200)
    with services.database.connection():
        identity = make_identity(email=make_email())
        return [
            make_passcode(created_at=moment, email=None, user=make_user()),
            make_token(identity=identity, created_at=moment, is_flow=True),
        ]


@pytest.mark.parametrize("has_indexes", [False, True])
def test_the_schedule_deletes_only_what_is_of_no_use_any_more(services: Services, has_indexes: bool) -> None:
    if has_indexes:
        indexes.create(services.database)
    garbage = make(services, tuple(KINDS.keys() - set(OURS)))
    kept = [*make(services, OURS).values(), *of_flows(services)]
    with services.database.connection():
        new = [make_one(services.now()) for make_one, _ in KINDS.values()]
    before = counts(services)
    assert services.clean_up.schedule.do_due()
    after = counts(services)
    with services.database.connection():
        assert not [name for name, row in garbage.items() if exists(row)]
        assert all(map(exists, [*kept, *new]))
    assert {table for table, number in after.items() if number != before[table]} <= NO_LONGER_OF_USE
    assert after["sessions"] < before["sessions"]


def test_without_indexes_its_tables_are_walked_through_and_seldom(services: Services) -> None:
    runs = services.clean_up.runs
    seldom = {each.name for each in runs.run(walks=True)}
    often = {each.name for each in runs.run(walks=False)}
    assert {"passcodes", "sessions", "one_time_tokens", "saml_states"} <= seldom
    assert {"rate_limits", "spent_tokens", "dead_letters"} <= often
    assert services.clean_up.schedule.do_due()
    indexes.create(services.database)
    assert {each.name for each in runs.run(walks=True)} == set()
    with services.database.connection():
        due = {name: leases.find(name).due_at for name in (NAME, WALKS)}
    assert due[WALKS] - due[NAME] > timedelta(hours=5)
