"""What the account that serves may do with each table: checked at start, before a log-in fails."""

from collections.abc import Collection, Iterator, Mapping

import peewee

from hanko_compat.errors.database import RightsMissing
from hanko_compat.storage import models
from hanko_compat.storage.engine.database import Database, DatabaseError
from hanko_compat.storage.schema import catalogue, history

Rights = dict[str, tuple[str, ...]]
"""Names of tables, and what has to be allowed there."""

READ = ("SELECT",)
ADD = ("SELECT", "INSERT")
REMOVE = ("SELECT", "DELETE")
EVERYTHING = ("SELECT", "INSERT", "UPDATE", "DELETE")

ON_HANKOS_TABLES: Mapping[type[peewee.Model], tuple[str, ...]] = {
    models.User: EVERYTHING,
    models.Email: EVERYTHING,
    models.PrimaryEmail: EVERYTHING,
    models.Username: ("SELECT", "INSERT", "DELETE"),
    models.UserMetadata: READ,
    models.PasswordCredential: EVERYTHING,
    models.Passcode: EVERYTHING,
    models.Session: EVERYTHING,
    models.Jwk: READ,
    models.WebauthnCredentialUserHandle: ("SELECT", "INSERT", "DELETE"),
    models.WebauthnCredential: EVERYTHING,
    models.WebauthnCredentialTransport: ADD,
    models.WebauthnSessionData: ("SELECT", "INSERT", "DELETE"),
    models.WebauthnSessionDataAllowedCredential: ADD,
    models.Identity: EVERYTHING,
    models.Token: ("SELECT", "INSERT", "DELETE"),
    models.OtpSecret: REMOVE,
    models.TrustedDevice: REMOVE,
    models.SamlIdentity: ADD,
    models.SamlCertificate: READ,
    models.SamlIdpInitiatedRequest: ("SELECT", "INSERT", "DELETE"),
    models.SamlState: REMOVE,
    models.AuditLog: ADD,  # old rows are deleted only where the operator says so, and allows it
    models.Webhook: ("SELECT", "UPDATE"),
    models.WebhookEvent: READ,
}
"""The rights that serving needs. What a foreign key deletes in a cascade needs none."""
MADE_BY_HANKO = ("jwks", "saml_certificates")
"""Keys, which only Hanko makes where the schema is its own."""

# Statements that do nothing, and are refused where the right is missing.
PROBES = {
    "SELECT": "SELECT 1 FROM {table} WHERE 1 = 0",
    "INSERT": "INSERT INTO {table} SELECT * FROM {table} WHERE 1 = 0",
    "UPDATE": "UPDATE {table} SET {key} = {key} WHERE 1 = 0",
    "DELETE": "DELETE FROM {table} WHERE 1 = 0",
}
KEYS = {model._meta.table_name: model._meta.primary_key.column_name for model in models.ALL_TABLES}
ACCOUNT = {"postgres": "SELECT current_user", "mysql": "SELECT current_user()"}


def missing(database: Database) -> list[str]:
    """The statements that would grant the account what it lacks on the tables that are there.

    A file of SQLite has no accounts.
    """
    if database.dialect == "sqlite":
        return []
    with database.connection():
        wanted = _wanted(_tables(database))
        if not wanted:
            return []
        find = _denied_on_postgres if database.dialect == "postgres" else _denied_on_mysql
        lacking: dict[tuple[str, ...], list[str]] = {}
        for table, denied in find(database, wanted).items():
            lacking.setdefault(tuple(denied), []).append(table)
        return list(_grants(database, lacking))


def require(database: Database) -> None:
    """Check that the account has the rights that serving needs.

    Raises:
        RightsMissing: it has not; the text has the statements that grant them.
    """
    lacking = missing(database)
    if lacking:
        raise RightsMissing(
            f"the account of {database.name} lacks rights; as the owner of the tables, run:"
            f" {'; '.join(lacking)};"
        )


def _tables(database: Database) -> set[str]:
    """The tables that are there: those that the account sees, and our own once every migration has run.

    MySQL hides tables from accounts that may do nothing there, as at first the new ones of a release.
    """
    tables = set(catalogue.columns(database))
    has_history = database.dialect == "mysql" and history.TABLE in tables
    if has_history and _may(database, history.TABLE, "SELECT"):
        is_current = not history.pending(database, history.ON_HANKOS)
        tables |= {model._meta.table_name for model in models.OWN_TABLES if is_current}
    return tables


def _wanted(tables: Collection[str]) -> Rights:
    wanted = {model._meta.table_name: rights for model, rights in ON_HANKOS_TABLES.items()}
    wanted |= {model._meta.table_name: EVERYTHING for model in models.OWN_TABLES}
    wanted |= {catalogue.TENANTS: READ, history.TABLE: READ}
    if catalogue.HANKO_HISTORY not in tables:
        wanted |= dict.fromkeys(MADE_BY_HANKO, ADD)
        if history.TABLE not in tables:
            return {}  # neither Hanko's tables nor ours
    return {table: rights for table, rights in wanted.items() if table in tables}


def _denied_on_postgres(database: Database, wanted: Rights) -> dict[str, list[str]]:
    pairs = ", ".join(f"('{table}', '{right}')" for table, rights in wanted.items() for right in rights)
    denied: dict[str, list[str]] = {}
    question = f"SELECT t, r FROM (VALUES {pairs}) AS w (t, r) WHERE NOT has_table_privilege(t, r)"  # noqa: S608
    for table, right in database.peewee.execute_sql(question).fetchall():
        denied.setdefault(table, []).append(right)
    return denied


def _denied_on_mysql(database: Database, wanted: Rights) -> dict[str, list[str]]:
    """Found out by trying: a right may come from a role, from the database or from a pattern of names."""
    denied = {
        table: [right for right in rights if not _may(database, table, right)]
        for table, rights in wanted.items()
    }
    return {table: rights for table, rights in denied.items() if rights}


def _may(database: Database, table: str, right: str) -> bool:
    try:
        database.peewee.execute_sql(PROBES[right].format(table=table, key=KEYS.get(table)))
    except DatabaseError as error:
        if database.is_denied(error):
            return False
        raise
    return True


def _grants(database: Database, lacking: Mapping[tuple[str, ...], list[str]]) -> Iterator[str]:
    (account,) = database.peewee.execute_sql(ACCOUNT[database.dialect]).fetchone()
    for rights, tables in lacking.items():
        what = ", ".join(rights)
        if database.dialect == "postgres":
            yield f'GRANT {what} ON {", ".join(tables)} TO "{account}"'
        else:
            user, _, host = account.rpartition("@")
            yield from (f"GRANT {what} ON {table} TO '{user}'@'{host}'" for table in tables)
