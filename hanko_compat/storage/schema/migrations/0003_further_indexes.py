"""Indexes beyond Hanko's, for our queries and for deletes that cascade.

MySQL has them already: it makes them with the foreign keys.
"""

from peewee import Database
from playhouse.migrate import SchemaMigrator

scope = "indexes"

INDEXES = (
    ("emails_user_id_idx", "emails", ("user_id",)),
    ("passcodes_user_id_idx", "passcodes", ("user_id",)),
    ("passcodes_email_id_idx", "passcodes", ("email_id",)),
    ("sessions_user_id_idx", "sessions", ("user_id",)),
    ("webauthn_credential_user_handles_user_id_idx", "webauthn_credential_user_handles", ("user_id",)),
    ("webauthn_credentials_user_id_idx", "webauthn_credentials", ("user_id",)),
    (
        "webauthn_credentials_user_handle_id_user_id_idx",
        "webauthn_credentials",
        ("user_handle_id", "user_id"),
    ),
    (
        "webauthn_credential_transports_webauthn_credential_id_idx",
        "webauthn_credential_transports",
        ("webauthn_credential_id",),
    ),
    (
        "webauthn_session_data_allowed_credentials_session_data_id_idx",
        "webauthn_session_data_allowed_credentials",
        ("webauthn_session_data_id",),
    ),
    ("identities_email_id_idx", "identities", ("email_id",)),
    ("identities_user_id_idx", "identities", ("user_id",)),
    ("tokens_user_id_idx", "tokens", ("user_id",)),
    ("tokens_identity_id_idx", "tokens", ("identity_id",)),
    ("trusted_devices_user_id_idx", "trusted_devices", ("user_id",)),
)


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Make those of the indexes whose columns no other index has."""
    for name, table, columns in INDEXES:
        if columns not in {tuple(index.columns) for index in db.get_indexes(table)}:
            migrator.migrate(migrator.add_index(table, columns, name=name))
