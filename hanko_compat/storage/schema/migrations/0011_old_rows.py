"""Indexes beyond Hanko's by which rows that are past their time are found."""

from peewee import Database
from playhouse.migrate import SchemaMigrator

scope = "indexes"

INDEXES = (
    ("passcodes_created_at_idx", "passcodes", ("created_at",)),
    ("webauthn_session_data_created_at_idx", "webauthn_session_data", ("created_at",)),
)


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Make those of the indexes whose columns no other index has."""
    for name, table, columns in INDEXES:
        if columns not in {tuple(index.columns) for index in db.get_indexes(table)}:
            migrator.migrate(migrator.add_index(table, columns, name=name))
