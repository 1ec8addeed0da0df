"""Indexes beyond Hanko's by which old rows of the audit log and of SAML are found."""

from peewee import Database
from playhouse.migrate import SchemaMigrator

scope = "indexes"

INDEXES = (
    ("audit_logs_created_at_idx", "audit_logs", ("created_at",)),
    ("saml_states_expires_at_idx", "saml_states", ("expires_at",)),
    ("saml_idp_initiated_requests_expires_at_idx", "saml_idp_initiated_requests", ("expires_at",)),
)


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Make those of the indexes whose columns no other index has."""
    for name, table, columns in INDEXES:
        if columns not in {tuple(index.columns) for index in db.get_indexes(table)}:
            migrator.migrate(migrator.add_index(table, columns, name=name))
