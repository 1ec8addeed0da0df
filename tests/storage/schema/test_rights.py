"""What the database's account has to be allowed, and how it is told what it lacks."""

import ast
from collections.abc import Iterator

import pytest

from hanko_compat.errors.database import RightsMissing
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import HANKO_TABLES, Jwk, SamlCertificate
from hanko_compat.storage.schema import history, migrate, rights
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.process import own_name
from tests.storage.conftest import OpenDatabase

ACCOUNT = own_name("rights")
NEEDED = {
    "insert": "INSERT",
    "insert_from": "INSERT",
    "insert_many": "INSERT",
    "update": "UPDATE",
    "delete": "DELETE",
}
"""Peewee's methods that make statements, and the right that each of these statements takes."""


def nodes_with_queries() -> Iterator[ast.AST]:
    """The syntax of every module with queries that serving makes; imports may need more."""
    storage = history.DIRECTORY.parent.parent
    others = {*(storage / "models").glob("*.py"), *(storage / "transfer").glob("*.py")}
    for path in set(storage.rglob("*.py")) - others:
        yield from ast.walk(ast.parse(path.read_text()))


def names_used() -> Iterator[str]:
    """Every model that a module with queries imports."""
    for node in nodes_with_queries():
        if isinstance(node, ast.ImportFrom) and node.module == "hanko_compat.storage.models":
            yield from (alias.name for alias in node.names)


def rights_used() -> Iterator[tuple[str, str]]:
    """Every model that a module with queries changes, and the right that this takes."""
    for node in nodes_with_queries():
        match node:
            case ast.Attribute(value=ast.Name(id=model), attr=method) if method in NEEDED:
                yield model, NEEDED[method]


def test_every_table_of_hankos_that_a_query_names_is_asked_for() -> None:
    names = set(names_used())
    used = {model for model in HANKO_TABLES if model.__name__ in names}
    assert used == set(rights.ON_HANKOS_TABLES)


def test_every_change_of_hankos_tables_is_asked_for() -> None:
    """Keys aside: where they are Hanko's, nothing makes any."""
    names = {model.__name__: model for model in rights.ON_HANKOS_TABLES}
    changes = {(names[model], right) for model, right in rights_used() if model in names}
    asked_for = {(model, right) for model, allowed in rights.ON_HANKOS_TABLES.items() for right in allowed}
    assert changes - asked_for == {(Jwk, "INSERT"), (SamlCertificate, "INSERT")}


def test_a_file_has_no_accounts(database: Database) -> None:
    rights.require(database)
    assert rights.missing(database) == []


def open_with_new_role(url: str, open_database: OpenDatabase, postgres: Postgres) -> Database:
    """The database as an account sees it that was granted nothing."""
    postgres.execute(f"DROP ROLE IF EXISTS {ACCOUNT}")
    postgres.execute(f"CREATE ROLE {ACCOUNT} LOGIN")
    return open_database(url.replace("hanko:hanko@", f"{ACCOUNT}:hanko@"))


@pytest.fixture
def migrated(open_database: OpenDatabase, postgres: Postgres) -> str:
    """The URL, as its owner has it, of a database of PostgreSQL with every table."""
    url = postgres.create_database("rights")
    migrate.up(open_database(url))
    return url


@pytest.mark.servers
def test_an_account_of_postgres_is_told_what_it_lacks(
    migrated: str, open_database: OpenDatabase, postgres: Postgres
) -> None:
    name = migrated.rpartition("/")[2]
    database = open_with_new_role(migrated, open_database, postgres)
    told = rights.missing(database)
    postgres.execute("; ".join(told), database=name)
    rights.require(database)
    postgres.execute(f"REVOKE INSERT ON sessions, audit_logs FROM {ACCOUNT}", database=name)
    with pytest.raises(RightsMissing) as failure:
        rights.require(database)
    assert str(failure.value).endswith(f'run: GRANT INSERT ON sessions, audit_logs TO "{ACCOUNT}";')
    database.close_all()
    postgres.execute(f"DROP OWNED BY {ACCOUNT}; DROP ROLE {ACCOUNT}", database=name)


@pytest.mark.servers
def test_an_account_that_may_not_enter_the_schema_is_told(
    migrated: str, open_database: OpenDatabase, postgres: Postgres
) -> None:
    postgres.execute("REVOKE USAGE ON SCHEMA public FROM public", database=migrated.rpartition("/")[2])
    database = open_with_new_role(migrated, open_database, postgres)
    with pytest.raises(RightsMissing, match="GRANT USAGE ON SCHEMA"):
        migrate.require_current(database)
    database.close_all()
    postgres.execute(f"DROP ROLE {ACCOUNT}")


@pytest.mark.servers
def test_an_account_of_mariadb_is_told_what_it_lacks(open_database: OpenDatabase, mariadb: MariaDB) -> None:
    url = mariadb.create_database("rights")
    migrate.up(open_database(url))
    name = url.rpartition("/")[2]
    mariadb.execute_as_root(f"CREATE OR REPLACE USER {ACCOUNT}@localhost IDENTIFIED BY 'hanko'")
    mariadb.execute_as_root(f"GRANT SELECT, INSERT, UPDATE ON {name}.* TO {ACCOUNT}@localhost")
    database = open_database(url.replace("hanko:hanko@", f"{ACCOUNT}:hanko@"))
    told = rights.missing(database)
    assert f"GRANT DELETE ON sessions TO '{ACCOUNT}'@'localhost'" in told
    assert all(statement.startswith("GRANT DELETE ON ") for statement in told)
    for statement in told:
        mariadb.execute_as_root(statement, database=name)
    rights.require(database)


@pytest.mark.servers
def test_an_account_of_mariadb_is_told_of_tables_that_it_does_not_see(
    open_database: OpenDatabase, mariadb: MariaDB
) -> None:
    url = mariadb.create_database("rights")
    name = url.rpartition("/")[2]
    owner = open_database(url)
    migrate.up(owner)
    with owner.connection():
        tables = {*owner.peewee.get_tables(), history.TABLE}
    mariadb.execute_as_root(f"CREATE OR REPLACE USER {ACCOUNT}@localhost IDENTIFIED BY 'hanko'")
    for table in tables - {"hanko_compat_revoked_keys"}:
        statement = f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ACCOUNT}@localhost"
        mariadb.execute_as_root(statement, database=name)
    database = open_database(url.replace("hanko:hanko@", f"{ACCOUNT}:hanko@"))

    (grant,) = rights.missing(database)
    assert "hanko_compat_revoked_keys" in grant
    mariadb.execute_as_root(grant, database=name)
    assert rights.missing(database) == []


@pytest.mark.servers
def test_who_may_not_make_tables_is_told(open_database: OpenDatabase, postgres: Postgres) -> None:
    url = postgres.create_database("rights")
    database = open_with_new_role(url, open_database, postgres)
    with pytest.raises(RightsMissing, match="permission denied for schema public; grant it"):
        migrate.up(database)
    database.close_all()
    postgres.execute(f"DROP ROLE {ACCOUNT}")
