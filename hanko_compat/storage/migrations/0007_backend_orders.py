"""Indexes beyond Hanko's for the orders in which the backend door lists users and what they have."""

from peewee import Database
from playhouse.migrate import SchemaMigrator

scope = "indexes"

INDEXES = (
    ("users_created_at_id_idx", "users", ("created_at", "id")),
    ("users_updated_at_id_idx", "users", ("updated_at", "id")),
    ("users_name_id_idx", "users", ("name", "id")),
    ("emails_created_at_id_user_id_idx", "emails", ("created_at", "id", "user_id")),
    ("emails_address_id_user_id_idx", "emails", ("address", "id", "user_id")),
    ("usernames_created_at_id_idx", "usernames", ("created_at", "id")),
    ("identities_created_at_id_idx", "identities", ("created_at", "id")),
    ("identities_provider_id_id_idx", "identities", ("provider_id", "id")),
    ("sessions_created_at_id_idx", "sessions", ("created_at", "id")),
    ("sessions_expires_at_id_idx", "sessions", ("expires_at", "id")),
    ("sessions_last_used_id_idx", "sessions", ("last_used", "id")),
)


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Make those of the indexes whose columns no other index has."""
    for name, table, columns in INDEXES:
        if columns not in {tuple(index.columns) for index in db.get_indexes(table)}:
            migrator.migrate(migrator.add_index(table, columns, name=name))
