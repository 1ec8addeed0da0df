"""Our own table of mails that wait to be sent."""

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

INDEX = "hanko_compat_outbox_next_attempt_at_idx"


class OutboxMail(Model):
    id = UUIDField(primary_key=True)
    kind = CharField(max_length=32)
    payload = TextField()
    attempts = IntegerField()
    next_attempt_at = DateTimeField()
    expires_at = DateTimeField()
    created_at = DateTimeField()

    class Meta:
        table_name = "hanko_compat_outbox"


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Make the table with its index; what a killed run on MySQL, which can't roll back, left is kept."""
    meta: Any = OutboxMail._meta
    meta.table_settings = (
        ["CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"] if isinstance(db, MySQLDatabase) else None
    )
    with db.bind_ctx([OutboxMail]):
        OutboxMail._schema.create_table(safe=True)
        if INDEX not in {index.name for index in db.get_indexes(meta.table_name)}:
            migrator.migrate(migrator.add_index(meta.table_name, ("next_attempt_at",), name=INDEX))
