"""Indexes beyond Hanko's for the orders in which the backend door lists users and what they have.

Each ends with the columns that may be filtered by in its order: a page far from the start is found in the
index alone, without a look at a million rows.
"""

from peewee import Database, MySQLDatabase
from playhouse.migrate import SchemaMigrator

scope = "indexes"

INDEXES = (
    ("users_id_created_at_updated_at_name_idx", "users", ("id", "created_at", "updated_at", "name")),
    ("users_name_id_created_at_updated_at_idx", "users", ("name", "id", "created_at", "updated_at")),
    ("users_created_at_id_updated_at_name_idx", "users", ("created_at", "id", "updated_at", "name")),
    ("users_updated_at_id_created_at_name_idx", "users", ("updated_at", "id", "created_at", "name")),
    (
        "emails_created_at_id_user_id_address_idx",
        "emails",
        ("created_at", "id", "user_id", "address"),
    ),
    ("emails_address_id_user_id_idx", "emails", ("address", "id", "user_id")),
    ("emails_user_id_id_address_idx", "emails", ("user_id", "id", "address")),
    (
        "usernames_created_at_id_user_id_username_idx",
        "usernames",
        ("created_at", "id", "user_id", "username"),
    ),
    ("usernames_username_id_user_id_idx", "usernames", ("username", "id", "user_id")),
    ("usernames_user_id_id_username_idx", "usernames", ("user_id", "id", "username")),
    (
        "identities_created_at_id_user_id_idx",
        "identities",
        ("created_at", "id", "user_id", "provider_id", "provider_user_id"),
    ),
    (
        "identities_provider_id_id_user_id_provider_user_id_idx",
        "identities",
        ("provider_id", "id", "user_id", "provider_user_id"),
    ),
    (
        "identities_provider_user_id_id_user_id_provider_id_idx",
        "identities",
        ("provider_user_id", "id", "user_id", "provider_id"),
    ),
    (
        "sessions_id_user_id_created_at_expires_at_last_used_idx",
        "sessions",
        ("id", "user_id", "created_at", "expires_at", "last_used"),
    ),
    (
        "sessions_user_id_id_created_at_expires_at_last_used_idx",
        "sessions",
        ("user_id", "id", "created_at", "expires_at", "last_used"),
    ),
    (
        "sessions_created_at_id_expires_at_last_used_idx",
        "sessions",
        ("created_at", "id", "expires_at", "last_used"),
    ),
    (
        "sessions_expires_at_id_created_at_last_used_idx",
        "sessions",
        ("expires_at", "id", "created_at", "last_used"),
    ),
    (
        "sessions_last_used_id_created_at_expires_at_idx",
        "sessions",
        ("last_used", "id", "created_at", "expires_at"),
    ),
)

# MySQL would drop those that it has made with the foreign keys, which end with the primary key anyway.
NOT_ON_MYSQL = {
    "emails_user_id_id_address_idx",
    "sessions_user_id_id_created_at_expires_at_last_used_idx",
}


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Make those of the indexes whose columns no other index has."""
    for name, table, columns in INDEXES:
        if isinstance(db, MySQLDatabase) and name in NOT_ON_MYSQL:
            continue
        if columns not in {tuple(index.columns) for index in db.get_indexes(table)}:
            migrator.migrate(migrator.add_index(table, columns, name=name))
