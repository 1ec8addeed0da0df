"""Installations to be copied: every table filled, with what databases store differently."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import peewee

from hanko_compat.storage.engine.database import Database, open_database
from hanko_compat.storage.models import ALL_TABLES
from hanko_compat.storage.schema import migrate
from tests.storage.samples import SAMPLES

Snapshot = Mapping[str, list[dict[str, Any]]]

LONG = 'text with "quotes", \\ % %s ? \t\r\n, ß, ☃, 😀 and more. ' * 900  # as long as TEXT of MySQL allows
ODD_TIMES = (
    "2026-03-29 02:30:00.000000",  # in no clock of Europe, and naive UTC all the same
    "2026-12-31 23:59:59.999999",
    "1970-01-01 00:00:01.000001",
    "9999-12-31 23:59:59.000000",
)
ODD_ADDRESSES = (  # one and the same in the usual collation of MariaDB
    "alice@example.test",
    "ALICE@example.test",
    "alicé@example.test",
    "ålice@example.test",
)
ODD_TEXTS = ("", " ", "a trailing blank ", LONG[:250], "null", "NULL", "0", "\\N", "é", "é", "😀" * 255)
ODD_CREDENTIALS = ("AbC-_", "aBc-_", "abc-_", "Ab" * 127)


def odd_rows() -> list[tuple[str, dict[str, Any]]]:
    """Rows that get lost or changed where somebody is careless."""
    rows: list[tuple[str, dict[str, Any]]] = []
    times = {"created_at": ODD_TIMES[0], "updated_at": ODD_TIMES[1]}
    for number, text in enumerate(ODD_TEXTS):
        user = {"id": identifier(1, number), "created_at": ODD_TIMES[number % 4], "updated_at": ODD_TIMES[1]}
        rows.append(
            ("users", user | {"name": text, "given_name": None, "picture": LONG if number % 2 else None})
        )
    for number, address in enumerate(ODD_ADDRESSES):
        owner = {"user_id": None if number % 2 else identifier(1, number)}
        email = {"id": identifier(2, number), "address": address, "verified": bool(number % 2)}
        rows.append(("emails", email | owner | times))
    for number, text in enumerate(ODD_TEXTS):
        session = {"id": identifier(3, number), "user_id": identifier(1, number), "user_agent": text}
        rows.append(
            ("sessions", session | {"last_used": ODD_TIMES[number % 4] if number % 2 else None} | times)
        )
    for number, name in enumerate(ODD_CREDENTIALS):
        flags = {"backup_eligible": bool(number % 2), "backup_state": False, "mfa_only": not number % 2}
        credential = {
            "id": name,
            "user_id": identifier(1, number),
            "public_key": LONG,
            "attestation_type": "none",
            "aaguid": str(UUID(int=number)),
            "sign_count": 2**31 - 1 - number,
            "name": None,
        }
        rows.append(("webauthn_credentials", credential | flags | times))
    rows.append(("audit_logs", audit_log() | times))
    rows.append(("jwks", {"id": 7, "key_data": LONG[:4300], "created_at": ODD_TIMES[2]}))
    rows.append(("hanko_compat_rate_limits", {"name": "far", "hits": 0, "expires_at": 2**62}))
    return rows


def audit_log() -> dict[str, Any]:
    required = ("type", "meta_http_request_id", "meta_source_ip", "meta_user_agent")
    return {"id": identifier(4, 1), "details": '{"ä": [null, true, 1.0, "\\u0000"]}'} | dict.fromkeys(
        required, ""
    )


def identifier(kind: int, number: int) -> str:
    return str(UUID(int=kind << 96 | number, version=4))


def make(url: str) -> str:
    """Fill the empty database at *url* with a row for each table and with the odd ones."""
    database = open_database(url)
    migrate.up(database)
    samples = [(table, row) for tables in SAMPLES.values() for table, row in tables.items()]
    with database.connection(), database.peewee.atomic():
        for table, row in [*samples, *odd_rows()]:
            peewee.Table(table, list(row)).bind(database.peewee).insert(row).execute()
    database.close_all()
    return url


def snapshot(url: str, *, has_whole_seconds: bool = False) -> Snapshot:
    """Every row of every table of ours and Hanko's, as the models read them."""
    database = open_database(url)
    with database.connection():
        present = set(database.peewee.get_tables())
        found = {
            model._meta.table_name: list(model.select().dicts()) if model._meta.table_name in present else []
            for model in ALL_TABLES
        }
    database.close_all()
    if has_whole_seconds:
        found = {table: [without_fractions(row) for row in rows] for table, rows in found.items()}
    return {table: sorted(rows, key=repr) for table, rows in found.items()}


def without_fractions(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.replace(microsecond=0) if hasattr(value, "microsecond") else value
        for name, value in row.items()
    }


def execute(url: str, *statements: str) -> None:
    """Run statements on the database at *url*."""
    database: Database = open_database(url)
    with database.connection():
        for statement in statements:
            database.peewee.execute_sql(statement)
    database.close_all()
