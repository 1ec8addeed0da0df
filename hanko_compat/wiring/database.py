"""The database, by ``database.*``."""

from hanko_compat.storage.engine.database import Database, open_database
from hanko_compat.wiring.parts import Parts


def build_database(parts: Parts) -> Database:
    """The handle; it connects when it is first used."""
    return open_database(parts.config.database.resolved_url, access=parts.access)
