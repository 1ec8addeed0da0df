"""Hanko 2.7's tables of users: addresses, credentials, sessions, signing keys."""

from typing import Any

from peewee import (
    SQL,
    AutoField,
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

scope = "layout"


class User(Model):
    id = UUIDField(primary_key=True)
    created_at = DateTimeField()
    updated_at = DateTimeField()
    name = CharField(null=True)
    family_name = CharField(null=True)
    given_name = CharField(null=True)
    picture = TextField(null=True)

    class Meta:
        table_name = "users"


class Email(Model):
    id = UUIDField(primary_key=True)
    user = ForeignKeyField(
        User, null=True, on_delete="CASCADE", on_update="CASCADE", index=False, backref="+"
    )
    address = CharField()
    verified = BooleanField()
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        table_name = "emails"


class PrimaryEmail(Model):
    id = UUIDField(primary_key=True)
    email = ForeignKeyField(Email, on_delete="RESTRICT", on_update="CASCADE", index=False, backref="+")
    user = ForeignKeyField(User, on_delete="CASCADE", on_update="CASCADE", index=False, backref="+")
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        table_name = "primary_emails"


class Username(Model):
    id = UUIDField(primary_key=True)
    user = ForeignKeyField(
        User, null=True, on_delete="CASCADE", on_update="CASCADE", index=False, backref="+"
    )
    username = CharField(null=True)
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        table_name = "usernames"


class UserMetadata(Model):
    id = UUIDField(primary_key=True)
    user = ForeignKeyField(User, on_delete="CASCADE", index=False, backref="+")
    public_metadata = CharField(max_length=3000, null=True)
    private_metadata = CharField(max_length=3000, null=True)
    unsafe_metadata = CharField(max_length=3000, null=True)
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        table_name = "user_metadata"


class PasswordCredential(Model):
    id = UUIDField(primary_key=True)
    user = ForeignKeyField(User, on_delete="CASCADE", on_update="CASCADE", index=False, backref="+")
    password = CharField()
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        table_name = "password_credentials"


class Passcode(Model):
    id = UUIDField(primary_key=True)
    user = ForeignKeyField(
        User, null=True, on_delete="CASCADE", on_update="CASCADE", index=False, backref="+"
    )
    ttl = IntegerField()
    code = CharField()
    try_count = IntegerField()
    created_at = DateTimeField()
    updated_at = DateTimeField()
    email = ForeignKeyField(
        Email,
        null=True,
        on_delete="CASCADE",
        on_update="CASCADE",
        constraint_name="passcodes_emails_id_fk",
        index=False,
        backref="+",
    )

    class Meta:
        table_name = "passcodes"


class Session(Model):
    id = UUIDField(primary_key=True)
    user = ForeignKeyField(
        User, null=True, on_delete="CASCADE", on_update="CASCADE", index=False, backref="+"
    )
    user_agent = CharField(null=True)
    ip_address = CharField(null=True)
    expires_at = DateTimeField(null=True)
    last_used = DateTimeField(null=True)
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        table_name = "sessions"


class Jwk(Model):
    id = AutoField()
    key_data = TextField()
    created_at = DateTimeField()

    class Meta:
        table_name = "jwks"


class WebauthnCredentialUserHandle(Model):
    id = UUIDField(primary_key=True)
    user = ForeignKeyField(
        User, null=True, on_delete="CASCADE", on_update="CASCADE", index=False, backref="+"
    )
    handle = CharField(null=True)
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        table_name = "webauthn_credential_user_handles"


class WebauthnCredential(Model):
    id = CharField(primary_key=True)
    user = ForeignKeyField(User, on_delete="CASCADE", on_update="CASCADE", index=False, backref="+")
    public_key = TextField()
    attestation_type = CharField()
    aaguid = UUIDField()
    sign_count = IntegerField()
    created_at = DateTimeField()
    updated_at = DateTimeField()
    name = CharField(null=True)
    backup_eligible = BooleanField(constraints=[SQL("DEFAULT false")])
    backup_state = BooleanField(constraints=[SQL("DEFAULT false")])
    last_used_at = DateTimeField(null=True)
    mfa_only = BooleanField(constraints=[SQL("DEFAULT false")])
    user_handle = ForeignKeyField(
        WebauthnCredentialUserHandle,
        null=True,
        on_delete="SET NULL",
        on_update="CASCADE",
        constraint_name="webauthn_credentials_webauthn_credential_user_handles_id_fk",
        index=False,
        backref="+",
    )

    class Meta:
        table_name = "webauthn_credentials"
        constraints = [
            SQL(
                "CONSTRAINT webauthn_credential_user_handle_fkey FOREIGN KEY (user_handle_id, user_id)"
                " REFERENCES webauthn_credential_user_handles (id, user_id)"
                " ON DELETE NO ACTION ON UPDATE CASCADE"
            )
        ]


class WebauthnCredentialTransport(Model):
    id = CharField(primary_key=True)
    name = CharField()
    webauthn_credential = ForeignKeyField(
        WebauthnCredential, on_delete="CASCADE", on_update="CASCADE", index=False, backref="+"
    )

    class Meta:
        table_name = "webauthn_credential_transports"


class WebauthnSessionData(Model):
    id = UUIDField(primary_key=True)
    challenge = CharField()
    user_id = UUIDField()
    user_verification = CharField()
    operation = CharField()
    created_at = DateTimeField()
    updated_at = DateTimeField()
    expires_at = DateTimeField(null=True)

    class Meta:
        table_name = "webauthn_session_data"


class WebauthnSessionDataAllowedCredential(Model):
    id = UUIDField(primary_key=True)
    credential_id = CharField()
    webauthn_session_data = ForeignKeyField(
        WebauthnSessionData, on_delete="CASCADE", on_update="CASCADE", index=False, backref="+"
    )
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        table_name = "webauthn_session_data_allowed_credentials"


class Identity(Model):
    id = UUIDField(primary_key=True)
    provider_user_id = CharField()
    provider_id = CharField()
    data = TextField(null=True)
    email = ForeignKeyField(Email, null=True, on_delete="CASCADE", index=False, backref="+")
    created_at = DateTimeField()
    updated_at = DateTimeField()
    user = ForeignKeyField(
        User,
        null=True,
        on_delete="CASCADE",
        constraint_name="identities_users_id_fk",
        index=False,
        backref="+",
    )

    class Meta:
        table_name = "identities"


class Token(Model):
    id = UUIDField(primary_key=True)
    user = ForeignKeyField(User, on_delete="CASCADE", index=False, backref="+")
    value = CharField()
    expires_at = DateTimeField()
    created_at = DateTimeField()
    updated_at = DateTimeField()
    identity = ForeignKeyField(
        Identity,
        null=True,
        on_delete="CASCADE",
        on_update="CASCADE",
        constraint_name="tokens_identities_id_fk",
        index=False,
        backref="+",
    )
    is_flow = BooleanField(constraints=[SQL("DEFAULT false")])
    user_created = BooleanField(constraints=[SQL("DEFAULT false")])
    code_verifier = CharField(null=True)
    link_user = BooleanField(null=True, constraints=[SQL("DEFAULT false")])

    class Meta:
        table_name = "tokens"


TABLES = (
    User,
    Email,
    PrimaryEmail,
    Username,
    UserMetadata,
    PasswordCredential,
    Passcode,
    Session,
    Jwk,
    WebauthnCredentialUserHandle,
    WebauthnCredential,
    WebauthnCredentialTransport,
    WebauthnSessionData,
    WebauthnSessionDataAllowedCredential,
    Identity,
    Token,
)

# Table: name, columns, unique.
INDEXES: dict[str, list[tuple[str, tuple[str, ...], bool]]] = {
    "emails": [
        ("emails_address_idx", ("address",), True),
    ],
    "primary_emails": [
        ("primary_emails_email_id_idx", ("email_id",), True),
        ("primary_emails_user_id_idx", ("user_id",), True),
    ],
    "usernames": [
        ("usernames_user_id_idx", ("user_id",), True),
        ("usernames_username_idx", ("username",), True),
    ],
    "user_metadata": [
        ("user_metadata_user_id_idx", ("user_id",), True),
    ],
    "password_credentials": [
        ("password_credentials_user_id_idx", ("user_id",), True),
    ],
    "webauthn_credential_user_handles": [
        ("webauthn_credential_user_handles_handle_idx", ("handle",), True),
        ("webauthn_credential_user_handles_id_user_id_idx", ("id", "user_id"), True),
    ],
    "webauthn_credential_transports": [
        (
            "webauthn_credential_transports_name_webauthn_credential_id_idx",
            ("name", "webauthn_credential_id"),
            True,
        ),
    ],
    "webauthn_session_data": [
        ("webauthn_session_data_challenge_idx", ("challenge",), True),
    ],
    "identities": [
        ("identities_provider_user_id_provider_id_idx", ("provider_user_id", "provider_id"), True),
    ],
    "tokens": [
        ("tokens_value_idx", ("value",), True),
    ],
}


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Make each table with its indexes; what a killed run on MySQL, which can't roll back, left is kept."""
    if not isinstance(db, MySQLDatabase):
        create(migrator, db, settings=None)
        return
    # In strict mode newer MariaDBs refuse webauthn_credential_user_handle_fkey, as user_id may be NULL in the
    # table that it refers to and not in its own.
    (mode,) = db.execute_sql("SELECT @@SESSION.sql_mode").fetchone()
    db.execute_sql("SET SESSION sql_mode = ''")
    try:
        # Unlike Hanko's usual collation this one tells cases and accents apart.
        create(migrator, db, settings=["CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"])
    finally:
        db.execute_sql("SET SESSION sql_mode = %s", (mode,))


def create(migrator: SchemaMigrator, db: Database, *, settings: list[str] | None) -> None:
    """Make what is missing."""
    with db.bind_ctx(TABLES):
        for table in TABLES:
            meta: Any = table._meta
            meta.table_settings = settings
            table._schema.create_table(safe=True)
            present = {index.name for index in db.get_indexes(meta.table_name)}
            for name, columns, unique in INDEXES.get(meta.table_name, []):
                if name not in present:
                    migrator.migrate(migrator.add_index(meta.table_name, columns, unique=unique, name=name))
