"""The other tables of Hanko 2.7: second factors, flows, audit log, SAML, webhooks."""

from typing import Any

from peewee import (
    SQL,
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

    class Meta:
        table_name = "users"


class Identity(Model):
    id = UUIDField(primary_key=True)

    class Meta:
        table_name = "identities"


class OtpSecret(Model):
    id = UUIDField(primary_key=True)
    user = ForeignKeyField(
        User, null=True, on_delete="CASCADE", on_update="CASCADE", index=False, backref="+"
    )
    secret = CharField(null=True)
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        table_name = "otp_secrets"


class TrustedDevice(Model):
    id = UUIDField(primary_key=True)
    user = ForeignKeyField(
        User, null=True, on_delete="CASCADE", on_update="CASCADE", index=False, backref="+"
    )
    device_token = CharField(max_length=128, null=True)
    expires_at = DateTimeField()
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        table_name = "trusted_devices"


class Flow(Model):
    id = UUIDField(primary_key=True)
    version = IntegerField()
    expires_at = DateTimeField()
    created_at = DateTimeField()
    updated_at = DateTimeField()
    csrf_token = CharField(max_length=32)
    data = TextField()

    class Meta:
        table_name = "flows"


class AuditLog(Model):
    id = UUIDField(primary_key=True)
    type = CharField()
    error = CharField(null=True)
    meta_http_request_id = CharField()
    meta_source_ip = CharField()
    meta_user_agent = CharField()
    actor_user_id = UUIDField(null=True)
    actor_email = CharField(null=True)
    created_at = DateTimeField()
    updated_at = DateTimeField()
    details = TextField(null=True)

    class Meta:
        table_name = "audit_logs"


class SamlCertificate(Model):
    id = UUIDField(primary_key=True)
    cert_data = TextField()
    cert_key = TextField()
    encryption_key = CharField()
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        table_name = "saml_certificates"


class SamlIdentity(Model):
    id = UUIDField(primary_key=True)
    identity = ForeignKeyField(
        Identity, null=True, on_delete="CASCADE", on_update="CASCADE", index=False, backref="+"
    )
    domain = CharField(null=True)
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        table_name = "saml_identities"


class SamlIdpInitiatedRequest(Model):
    id = UUIDField(primary_key=True)
    response_id = CharField(null=True)
    issuer = CharField(null=True)
    expires_at = DateTimeField(null=True)
    created_at = DateTimeField(null=True)

    class Meta:
        table_name = "saml_idp_initiated_requests"


class SamlState(Model):
    id = UUIDField(primary_key=True)
    nonce = CharField()
    state = CharField(max_length=500)
    expires_at = DateTimeField()
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        table_name = "saml_states"


class Webhook(Model):
    id = UUIDField(primary_key=True)
    callback = CharField()
    enabled = BooleanField(constraints=[SQL("DEFAULT true")])
    failures = IntegerField(constraints=[SQL("DEFAULT 0")])
    expires_at = DateTimeField()
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        table_name = "webhooks"


class WebhookEvent(Model):
    id = UUIDField(primary_key=True)
    webhook = ForeignKeyField(
        Webhook, null=True, on_delete="CASCADE", on_update="CASCADE", index=False, backref="+"
    )
    event = CharField(null=True)
    created_at = DateTimeField()
    updated_at = DateTimeField()

    class Meta:
        table_name = "webhook_events"


TABLES = (
    OtpSecret,
    TrustedDevice,
    Flow,
    AuditLog,
    SamlCertificate,
    SamlIdentity,
    SamlIdpInitiatedRequest,
    SamlState,
    Webhook,
    WebhookEvent,
)

# Table: name, columns, unique.
INDEXES: dict[str, list[tuple[str, tuple[str, ...], bool]]] = {
    "otp_secrets": [
        ("otp_secrets_user_id_idx", ("user_id",), True),
    ],
    "trusted_devices": [
        ("trusted_devices_device_token_idx", ("device_token",), False),
    ],
    "audit_logs": [
        ("audit_logs_actor_email_idx", ("actor_email",), False),
        ("audit_logs_actor_user_id_idx", ("actor_user_id",), False),
        ("audit_logs_meta_http_request_id_idx", ("meta_http_request_id",), False),
        ("audit_logs_meta_source_ip_idx", ("meta_source_ip",), False),
        ("audit_logs_type_idx", ("type",), False),
    ],
    "saml_identities": [
        ("saml_identities_identity_id_domain_idx", ("identity_id", "domain"), True),
    ],
    "saml_idp_initiated_requests": [
        ("saml_idp_initiated_requests_response_id_issuer_idx", ("response_id", "issuer"), True),
    ],
    "saml_states": [
        ("saml_states_nonce_idx", ("nonce",), True),
    ],
    "webhook_events": [
        ("webhook_events_webhook_id_event_idx", ("webhook_id", "event"), True),
    ],
}


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Make each table with its indexes; what a killed run on MySQL, which can't roll back, left is kept."""
    # Unlike Hanko's usual collation this one tells cases and accents apart.
    settings = ["CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"] if isinstance(db, MySQLDatabase) else None
    with db.bind_ctx(TABLES):
        for table in TABLES:
            meta: Any = table._meta
            meta.table_settings = settings
            table._schema.create_table(safe=True)
            present = {index.name for index in db.get_indexes(meta.table_name)}
            for name, columns, unique in INDEXES.get(meta.table_name, []):
                if name not in present:
                    migrator.migrate(migrator.add_index(meta.table_name, columns, unique=unique, name=name))
