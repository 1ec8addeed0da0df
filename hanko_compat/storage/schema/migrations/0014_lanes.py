"""Deliveries in order, and a table of those that were given up.

Servers of the release before go on beside new ones: the new columns have defaults, so what they write is in
no lane, and they claim nothing of a channel that they don't know.
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

TABLE = "hanko_compat_deliveries"
COLUMNS = {
    "lane": "VARCHAR(96) NOT NULL DEFAULT ''",
    "turn": "BIGINT NOT NULL DEFAULT 0",
}
INDEXES = (
    (TABLE, "hanko_compat_deliveries_channel_recipient_idx", ("channel", "recipient", "next_attempt_at")),
    (TABLE, "hanko_compat_deliveries_lane_idx", ("lane", "turn")),
    (
        "hanko_compat_dead_letters",
        "hanko_compat_dead_letters_channel_recipient_idx",
        ("channel", "recipient", "died_at"),
    ),
    ("hanko_compat_dead_letters", "hanko_compat_dead_letters_died_at_idx", ("died_at",)),
)
FORMER_INDEX = "hanko_compat_deliveries_recipient_idx"
"""What the new one with the channel in front does as well."""


class DeadLetter(Model):
    id = UUIDField(primary_key=True)
    channel = CharField(max_length=16)
    kind = CharField(max_length=64)
    recipient = CharField(max_length=64)
    lane = CharField(max_length=96)
    payload = TextField()
    attempts = IntegerField()
    reason = CharField(max_length=255)
    expires_at = DateTimeField(null=True)
    created_at = DateTimeField()
    died_at = DateTimeField()

    class Meta:
        table_name = "hanko_compat_dead_letters"


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add what is missing; a killed run on MySQL, which can't roll back, is continued."""
    present = {column.name for column in db.get_columns(TABLE)}
    for name, definition in COLUMNS.items():
        if name not in present:
            # Not by the migrator: it takes the default away again, which older servers rely on.
            db.execute_sql(f"ALTER TABLE {TABLE} ADD COLUMN {name} {definition}")
    meta: Any = DeadLetter._meta
    meta.table_settings = (
        ["CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"] if isinstance(db, MySQLDatabase) else None
    )
    with db.bind_ctx([DeadLetter]):
        DeadLetter._schema.create_table(safe=True)
    for table, name, columns in INDEXES:
        if name not in {index.name for index in db.get_indexes(table)}:
            migrator.migrate(migrator.add_index(table, columns, name=name))
    if FORMER_INDEX in {index.name for index in db.get_indexes(TABLE)}:
        migrator.migrate(migrator.drop_index(TABLE, FORMER_INDEX))
