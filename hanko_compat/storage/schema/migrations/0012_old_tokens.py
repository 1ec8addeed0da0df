"""An index beyond Hanko's by which one-time tokens that are past their time are found."""

from peewee import Database
from playhouse.migrate import SchemaMigrator

scope = "indexes"

COLUMNS = ("is_flow", "created_at")


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Make it, unless another index has its columns."""
    if COLUMNS not in {tuple(index.columns) for index in db.get_indexes("tokens")}:
        migrator.migrate(migrator.add_index("tokens", COLUMNS, name="tokens_is_flow_created_at_idx"))
