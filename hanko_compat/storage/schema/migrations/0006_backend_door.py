"""Our own tables of the backend door: who may call, and what Hanko has no column for."""

from typing import Any

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    CharField,
    Database,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    MySQLDatabase,
    TextField,
    UUIDField,
)
from playhouse.migrate import SchemaMigrator

scope = "own"


class User(Model):
    id = UUIDField(primary_key=True)

    class Meta:
        table_name = "users"


class Email(Model):
    id = UUIDField(primary_key=True)

    class Meta:
        table_name = "emails"


class Username(Model):
    id = UUIDField(primary_key=True)

    class Meta:
        table_name = "usernames"


class Identity(Model):
    id = UUIDField(primary_key=True)

    class Meta:
        table_name = "identities"


class WebauthnCredential(Model):
    id = CharField(primary_key=True)

    class Meta:
        table_name = "webauthn_credentials"


class Project(Model):
    id = CharField(max_length=64, primary_key=True)
    created_at = DateTimeField()

    class Meta:
        table_name = "hanko_compat_projects"


class ApiSecret(Model):
    id = UUIDField(primary_key=True)
    secret_hash = CharField(max_length=64)
    created_at = DateTimeField()

    class Meta:
        table_name = "hanko_compat_api_secrets"


class UserState(Model):
    user = ForeignKeyField(User, on_delete="CASCADE", primary_key=True, backref="+")
    status = CharField(max_length=16)
    webauthn_id = CharField(null=True)
    created_at = DateTimeField()

    class Meta:
        table_name = "hanko_compat_user_states"


class EmailValue(Model):
    email = ForeignKeyField(Email, on_delete="CASCADE", primary_key=True, backref="+")
    value = CharField()

    class Meta:
        table_name = "hanko_compat_email_values"


class Identifier(Model):
    id = UUIDField(primary_key=True)
    user = ForeignKeyField(User, on_delete="CASCADE", index=False, backref="+")
    username = ForeignKeyField(Username, null=True, on_delete="CASCADE", index=False, backref="+")
    type = CharField(max_length=16)
    value = CharField()
    folded = CharField()
    status = CharField(max_length=16)
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        table_name = "hanko_compat_identifiers"


class Challenge(Model):
    id = UUIDField(primary_key=True)
    user = ForeignKeyField(User, on_delete="CASCADE", index=False, backref="+")
    type = CharField(max_length=16)
    identifier_value = CharField()
    secret_hash = CharField()
    status = CharField(max_length=16)
    tries = IntegerField()
    details = TextField(null=True)
    expires_at = DateTimeField()
    created_at = DateTimeField()

    class Meta:
        table_name = "hanko_compat_challenges"


class SocialAccount(Model):
    identity = ForeignKeyField(Identity, on_delete="CASCADE", primary_key=True, backref="+")
    identifier_value = CharField()
    avatar_url = TextField()
    full_name = CharField()

    class Meta:
        table_name = "hanko_compat_social_accounts"


class CredentialDetail(Model):
    id = UUIDField(primary_key=True)
    credential = ForeignKeyField(WebauthnCredential, on_delete="CASCADE", index=False, backref="+")
    tags = TextField()
    username = CharField()
    source_os = CharField()
    source_browser = CharField()
    created_at = DateTimeField()

    class Meta:
        table_name = "hanko_compat_credential_details"


class PasskeyChallenge(Model):
    id = UUIDField(primary_key=True)
    user = ForeignKeyField(User, null=True, on_delete="CASCADE", index=False, backref="+")
    type = CharField(max_length=16)
    value = CharField()
    status = CharField(max_length=16)
    process_id = CharField(max_length=64)
    username = CharField()
    credential_id = CharField(null=True)
    expires_at = DateTimeField()
    created_at = DateTimeField()

    class Meta:
        table_name = "hanko_compat_passkey_challenges"


class SpentToken(Model):
    id = CharField(max_length=64, primary_key=True)
    expires_at = DateTimeField()

    class Meta:
        table_name = "hanko_compat_spent_tokens"


class PasskeyEvent(Model):
    id = UUIDField(primary_key=True)
    user = ForeignKeyField(User, on_delete="CASCADE", index=False, backref="+")
    type = CharField(max_length=64)
    process_id = CharField(null=True)
    client_env_id = CharField(null=True)
    credential_id = CharField(null=True)
    challenge = TextField(null=True)
    expires = BigIntegerField(null=True)
    created_at = DateTimeField()

    class Meta:
        table_name = "hanko_compat_passkey_events"


class ConnectToken(Model):
    id = UUIDField(primary_key=True)
    secret_hash = CharField(max_length=64)
    type = CharField(max_length=16)
    identifier = CharField()
    display_name = CharField(null=True)
    is_consumed = BooleanField()
    expires_at = DateTimeField()
    created_at = DateTimeField()

    class Meta:
        table_name = "hanko_compat_connect_tokens"


class WebhookEndpoint(Model):
    id = UUIDField(primary_key=True)
    url = TextField()
    username = CharField()
    password = TextField()
    custom_headers = TextField()
    events = TextField()
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        table_name = "hanko_compat_webhook_endpoints"


class WebhookDelivery(Model):
    id = UUIDField(primary_key=True)
    endpoint_id = UUIDField()
    type = CharField(max_length=32)
    body = TextField()
    attempts = IntegerField()
    failures = IntegerField()
    next_attempt_at = DateTimeField()
    created_at = DateTimeField()

    class Meta:
        table_name = "hanko_compat_webhook_deliveries"


TABLES = (
    Project,
    ApiSecret,
    UserState,
    EmailValue,
    Identifier,
    Challenge,
    SocialAccount,
    CredentialDetail,
    PasskeyChallenge,
    SpentToken,
    PasskeyEvent,
    ConnectToken,
    WebhookEndpoint,
    WebhookDelivery,
)

# Table: name, columns, unique.
INDEXES: dict[str, list[tuple[str, tuple[str, ...], bool]]] = {
    "hanko_compat_api_secrets": [
        ("hanko_compat_api_secrets_secret_hash_idx", ("secret_hash",), True),
    ],
    "hanko_compat_user_states": [
        ("hanko_compat_user_states_webauthn_id_idx", ("webauthn_id",), True),
        ("hanko_compat_user_states_status_user_id_idx", ("status", "user_id"), False),
        (
            "hanko_compat_user_states_status_created_at_user_id_idx",
            ("status", "created_at", "user_id"),
            False,
        ),
    ],
    "hanko_compat_identifiers": [
        ("hanko_compat_identifiers_type_folded_idx", ("type", "folded"), True),
        ("hanko_compat_identifiers_user_id_idx", ("user_id",), False),
        ("hanko_compat_identifiers_username_id_idx", ("username_id",), False),
        (
            "hanko_compat_identifiers_type_created_at_id_username_id_idx",
            ("type", "created_at", "id", "username_id", "user_id", "folded"),
            False,
        ),
        (
            "hanko_compat_identifiers_type_folded_id_username_id_user_id_idx",
            ("type", "folded", "id", "username_id", "user_id"),
            False,
        ),
        (
            "hanko_compat_identifiers_type_user_id_id_username_id_folded_idx",
            ("type", "user_id", "id", "username_id", "folded"),
            False,
        ),
    ],
    "hanko_compat_challenges": [
        ("hanko_compat_challenges_user_id_idx", ("user_id",), False),
        ("hanko_compat_challenges_expires_at_idx", ("expires_at",), False),
    ],
    "hanko_compat_credential_details": [
        ("hanko_compat_credential_details_credential_id_idx", ("credential_id",), True),
    ],
    "hanko_compat_passkey_challenges": [
        ("hanko_compat_passkey_challenges_value_idx", ("value",), True),
        (
            "hanko_compat_passkey_challenges_user_id_created_at_idx",
            (
                "user_id",
                "created_at",
            ),
            False,
        ),
        ("hanko_compat_passkey_challenges_expires_at_idx", ("expires_at",), False),
    ],
    "hanko_compat_spent_tokens": [
        ("hanko_compat_spent_tokens_expires_at_idx", ("expires_at",), False),
    ],
    "hanko_compat_passkey_events": [
        (
            "hanko_compat_passkey_events_user_id_created_at_idx",
            (
                "user_id",
                "created_at",
            ),
            False,
        ),
    ],
    "hanko_compat_connect_tokens": [
        ("hanko_compat_connect_tokens_secret_hash_idx", ("secret_hash",), True),
        (
            "hanko_compat_connect_tokens_created_at_id_idx",
            ("created_at", "id", "expires_at", "is_consumed", "type"),
            False,
        ),
        (
            "hanko_compat_connect_tokens_id_expires_at_is_consumed_type_idx",
            ("id", "expires_at", "is_consumed", "type"),
            False,
        ),
        (
            "hanko_compat_connect_tokens_expires_at_id_is_consumed_type_idx",
            ("expires_at", "id", "is_consumed", "type"),
            False,
        ),
        (
            "hanko_compat_connect_tokens_type_created_at_id_idx",
            ("type", "created_at", "id", "expires_at", "is_consumed"),
            False,
        ),
        (
            "hanko_compat_connect_tokens_is_consumed_created_at_id_idx",
            ("is_consumed", "created_at", "id", "expires_at", "type"),
            False,
        ),
    ],
    "hanko_compat_webhook_deliveries": [
        ("hanko_compat_webhook_deliveries_next_attempt_at_idx", ("next_attempt_at",), False),
        ("hanko_compat_webhook_deliveries_endpoint_id_idx", ("endpoint_id",), False),
    ],
}

COLLATION = """
    SELECT collation_name FROM information_schema.columns
    WHERE table_schema = database() AND table_name = %s AND column_name = %s
"""


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Make each table with its indexes; what a killed run on MySQL, which can't roll back, left is kept."""
    is_mysql = isinstance(db, MySQLDatabase)
    with db.bind_ctx(TABLES):
        for table in TABLES:
            meta: Any = table._meta
            meta.table_settings = ["CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"] if is_mysql else None
            if is_mysql:
                collate_references(meta, db)
            table._schema.create_table(safe=True)
            present = {index.name for index in db.get_indexes(meta.table_name)}
            for name, columns, unique in INDEXES.get(meta.table_name, []):
                if name not in present:
                    migrator.migrate(migrator.add_index(meta.table_name, columns, unique=unique, name=name))


def collate_references(meta: Any, db: Database) -> None:
    """Give columns that refer to a table of Hanko's the collation that they have there, as MySQL demands."""
    for field in meta.refs:
        (collation,) = db.execute_sql(COLLATION, (field.rel_model._meta.table_name, "id")).fetchone()
        field.constraints = [SQL(f"COLLATE {collation}")]
