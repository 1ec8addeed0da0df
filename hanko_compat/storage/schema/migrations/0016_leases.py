"""Our own table of work that one process of all does at a time."""

from typing import Any

from peewee import CharField, Database, DateTimeField, Model, MySQLDatabase
from playhouse.migrate import SchemaMigrator

scope = "own"


class Lease(Model):
    name = CharField(max_length=64, primary_key=True)
    holder = CharField(max_length=128)
    ends_at = DateTimeField()
    due_at = DateTimeField()

    class Meta:
        table_name = "hanko_compat_leases"


def up(migrator: SchemaMigrator, db: Database) -> None:  # noqa: ARG001 - as the runner calls it
    """Make the table."""
    meta: Any = Lease._meta
    meta.table_settings = (
        ["CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"] if isinstance(db, MySQLDatabase) else None
    )
    with db.bind_ctx([Lease]):
        Lease._schema.create_table(safe=True)
