"""One table of our own for all deliveries, in place of one for mails and one for webhooks.

What waits in these two moves over. They stay: a server of the release before writes to them until it is
restarted, and `again` moves what it leaves there.
"""

from typing import Any

from peewee import (
    CharField,
    Database,
    DateTimeField,
    IntegerField,
    Model,
    MySQLDatabase,
    TextField,
    UUIDField,
)
from playhouse.migrate import SchemaMigrator

scope = "own"

BATCH = 200
"""Rows that are moved in one transaction."""


class Delivery(Model):
    id = UUIDField(primary_key=True)
    channel = CharField(max_length=16)
    kind = CharField(max_length=64)
    recipient = CharField(max_length=64)
    payload = TextField()
    attempts = IntegerField()
    failures = IntegerField()
    next_attempt_at = DateTimeField()
    expires_at = DateTimeField(null=True)
    created_at = DateTimeField()

    class Meta:
        table_name = "hanko_compat_deliveries"


INDEXES = (
    ("hanko_compat_deliveries_channel_next_attempt_at_idx", ("channel", "next_attempt_at")),
    ("hanko_compat_deliveries_recipient_idx", ("recipient",)),
)

# Table, and what its columns become; times and encrypted texts stay as they are written.
MOVED = {
    "hanko_compat_outbox": """
        SELECT id, CASE kind WHEN 'text_message' THEN 'sms' ELSE 'mail' END, kind, '', payload,
            attempts, attempts, next_attempt_at, expires_at, created_at
        FROM hanko_compat_outbox
    """,
    "hanko_compat_webhook_deliveries": """
        SELECT id, 'webhook', type, CAST(endpoint_id AS CHAR(36)), body,
            attempts, failures, next_attempt_at, NULL, created_at
        FROM hanko_compat_webhook_deliveries
    """,
}
INSERT = """
    INSERT INTO hanko_compat_deliveries (id, channel, kind, recipient, payload, attempts, failures,
        next_attempt_at, expires_at, created_at)
"""


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Make the table and fill it; what a killed run on MySQL, which can't roll back, left is kept."""
    meta: Any = Delivery._meta
    meta.table_settings = (
        ["CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"] if isinstance(db, MySQLDatabase) else None
    )
    with db.bind_ctx([Delivery]):
        Delivery._schema.create_table(safe=True)
        present = {index.name for index in db.get_indexes(meta.table_name)}
        for name, columns in INDEXES:
            if name not in present:
                migrator.migrate(migrator.add_index(meta.table_name, columns, name=name))
    again(db)


def again(db: Database) -> None:
    """Move what waits in the two tables, also when servers claim it and other processes move it."""
    for table, columns in MOVED.items():
        while db.execute_sql(f"SELECT 1 FROM {table} LIMIT 1").fetchone():  # noqa: S608
            with db.atomic():
                move_some(db, table, columns)


def move_some(db: Database, table: str, columns: str) -> None:
    """Move a batch; no row is in both tables or in neither when this is interrupted."""
    lock = "FOR UPDATE" if db.for_update else ""  # SQLite has one writer anyway
    ids = db.execute_sql(f"SELECT id FROM {table} ORDER BY id LIMIT {BATCH} {lock}").fetchall()  # noqa: S608
    if not ids:
        return
    keys = [key for (key,) in ids]
    of_these = f"WHERE id IN ({', '.join([db.param] * len(keys))})"
    db.execute_sql(f"{INSERT} {columns} {of_these}", keys)
    db.execute_sql(f"DELETE FROM {table} {of_these}", keys)  # noqa: S608
