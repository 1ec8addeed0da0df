"""With a user goes all that hangs on it, in every table, whichever door the user is deleted at."""

from uuid import UUID

import pytest

from hanko_compat.storage.models import ALL_TABLES
from tests.passkeys import bearer
from tests.storage.samples import ID, SAMPLES

# Their sample rows are of no use to a server that runs.
LEFT_OUT = {
    "jwks",
    "hanko_compat_api_secrets",
    "hanko_compat_projects",
    "hanko_compat_webhook_endpoints",
}
STAYS = {
    # Nobody's in particular.
    "flows",
    "saml_certificates",
    "saml_idp_initiated_requests",
    "saml_states",
    "webhook_events",
    "webhooks",
    "hanko_compat_connect_tokens",
    "hanko_compat_dead_letters",
    "hanko_compat_deliveries",
    "hanko_compat_leases",
    "hanko_compat_outbox",
    "hanko_compat_rate_limits",
    "hanko_compat_revoked_keys",
    "hanko_compat_saml_requests",
    "hanko_compat_spent_tokens",
    "hanko_compat_webhook_deliveries",
    # Written to be kept.
    "audit_logs",
}


def insert(database, table, row):
    places = ", ".join([database.peewee.param] * len(row))
    statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})"
    database.peewee.execute_sql(statement, tuple(row.values()))


def filled(database):
    """The tables that have a row, of those that count here."""
    with database.connection():
        names = {table._meta.table_name for table in ALL_TABLES if table.select().exists()}
    return names - LEFT_OUT


@pytest.fixture
def user_id(services):
    """A user with a row in every table that there is."""
    with services.database.connection():
        for tables in SAMPLES.values():
            for table, row in tables.items():
                if table not in LEFT_OUT:
                    insert(services.database, table, row)
    return UUID(ID)


def test_deleted_by_a_server(services, backend, user_id):
    before = filled(services.database)
    assert before == {table._meta.table_name for table in ALL_TABLES} - LEFT_OUT
    assert backend.delete(f"/users/{user_id}").status_code == 200
    assert filled(services.database) == before & STAYS


def test_deleted_by_itself(make_services, make_app, user_id):
    app = make_app({"account.allow_deletion": True})
    services = app.extensions["hanko_compat"]
    before = filled(services.database)
    response = app.test_client().delete("/user", headers=bearer(services, user_id))
    assert response.status_code == 204, response.json
    assert filled(services.database) == before & STAYS
