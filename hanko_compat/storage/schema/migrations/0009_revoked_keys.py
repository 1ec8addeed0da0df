"""Signing keys that leaked, in a table of our own: nothing is deleted from that of the keys, Hanko's."""

from typing import Any

from peewee import CharField, Database, DateTimeField, Model, MySQLDatabase
from playhouse.migrate import SchemaMigrator

scope = "own"


class RevokedKey(Model):
    kid = CharField(primary_key=True)
    revoked_at = DateTimeField()

    class Meta:
        table_name = "hanko_compat_revoked_keys"


def up(migrator: SchemaMigrator, db: Database) -> None:  # noqa: ARG001 - peewee passes both
    """Make the table; kids are compared as bytes."""
    meta: Any = RevokedKey._meta
    meta.table_settings = (
        ["CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"] if isinstance(db, MySQLDatabase) else None
    )
    with db.bind_ctx([RevokedKey]):
        RevokedKey._schema.create_table(safe=True)
