"""Our own table of what rate limits have counted."""

from typing import Any

from peewee import BigIntegerField, CharField, Database, Model, MySQLDatabase
from playhouse.migrate import SchemaMigrator

scope = "own"

INDEX = "hanko_compat_rate_limits_expires_at_idx"


class RateLimit(Model):
    name = CharField(max_length=96, primary_key=True)
    hits = BigIntegerField()
    expires_at = BigIntegerField()

    class Meta:
        table_name = "hanko_compat_rate_limits"


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Make the table with its index; what a killed run on MySQL, which can't roll back, left is kept."""
    meta: Any = RateLimit._meta
    meta.table_settings = ["CHARACTER SET ascii COLLATE ascii_bin"] if isinstance(db, MySQLDatabase) else None
    with db.bind_ctx([RateLimit]):
        RateLimit._schema.create_table(safe=True)
        if INDEX not in {index.name for index in db.get_indexes(meta.table_name)}:
            migrator.migrate(migrator.add_index(meta.table_name, ("expires_at",), name=INDEX))
