"""The place that a dead letter had in its lane, for when it is delivered again.

Servers of the release before go on beside new ones: what they give up has the default, no place.
"""

from peewee import Database
from playhouse.migrate import SchemaMigrator

scope = "own"

TABLE = "hanko_compat_dead_letters"


def up(_migrator: SchemaMigrator, db: Database) -> None:
    """Add the column, unless a killed run on MySQL, which can't roll back, has done so."""
    if "turn" not in {column.name for column in db.get_columns(TABLE)}:
        # Not by the migrator: it takes the default away again, which older servers rely on.
        db.execute_sql(f"ALTER TABLE {TABLE} ADD COLUMN turn BIGINT NOT NULL DEFAULT 0")
