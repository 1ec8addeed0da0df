"""The database, by ``database.*`` and ``hanko_compat.database.*``."""

from hanko_compat.storage.engine.database import Database, open_database
from hanko_compat.wiring.parts import Parts


def build_database(parts: Parts) -> Database:
    """The handle; it connects when it is first used."""
    config = parts.config
    return open_database(
        config.database.resolved_url,
        access=parts.access,
        prepared_statements=config.hanko_compat.database.prepared_statements,
    )
