"""Our own table of SAML requests: what ``RelayState`` stands for, which has room for a reference only."""

from typing import Any

from peewee import CharField, Database, DateTimeField, Model, MySQLDatabase, TextField
from playhouse.migrate import SchemaMigrator

scope = "own"


class SamlRequest(Model):
    id = CharField(max_length=64, primary_key=True)
    browser_hash = CharField(max_length=64)
    request_id = CharField()
    domain = CharField()
    redirect_to = TextField()
    expires_at = DateTimeField()

    class Meta:
        table_name = "hanko_compat_saml_requests"


INDEX = "hanko_compat_saml_requests_expires_at_idx"


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Make the table; what a killed run on MySQL, which can't roll back, left is kept."""
    meta: Any = SamlRequest._meta
    meta.table_settings = (
        ["CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"] if isinstance(db, MySQLDatabase) else None
    )
    with db.bind_ctx([SamlRequest]):
        SamlRequest._schema.create_table(safe=True)
        if INDEX not in {index.name for index in db.get_indexes(meta.table_name)}:
            migrator.migrate(migrator.add_index(meta.table_name, ("expires_at",), name=INDEX))
