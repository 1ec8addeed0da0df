"""The bodies of passkeys, named as in the published API description."""

from marshmallow import Schema, fields

from hanko_compat.backend.fields import Answer, Id, Milliseconds, Moment
from hanko_compat.backend.passkey_schemas import AaguidDetails
from hanko_compat.backend.schemas import Paging


class Credential(Answer):
    """A passkey."""

    id = Id("credential_id", metadata={"description": "The ID of the passkey."})
    credential_id = fields.String(data_key="credentialID")
    attestation_type = fields.String(data_key="attestationType")
    transports = fields.List(fields.String(), data_key="transport")
    backup_eligible = fields.Boolean(data_key="backupEligible")
    backup_state = fields.Boolean(data_key="backupState")
    aaguid = fields.String(
        attribute="kind.aaguid",
        data_key="authenticatorAAGUID",
        metadata={"description": "The kind of authenticator (WebAuthn s. 6.5.2)."},
    )
    kind = fields.Nested(AaguidDetails, data_key="aaguidDetails")
    source_os = fields.String(
        attribute="source.os",
        data_key="sourceOS",
        metadata={"description": "On which operating system it was made; empty where it is not known."},
    )
    source_browser = fields.String(
        attribute="source.browser",
        data_key="sourceBrowser",
        metadata={"description": "In which browser it was made; empty where it is not known."},
    )
    last_used = Moment(attribute="last_used_at", data_key="lastUsed", dump_only=True)
    last_used_ms = Milliseconds(attribute="last_used_at", data_key="lastUsedMs", dump_only=True)
    created = Moment(attribute="created_at", dump_only=True)
    created_ms = Milliseconds(attribute="created_at", data_key="createdMs", dump_only=True)
    status = fields.String()
    tags = fields.List(fields.String())


class CredentialList(Schema):
    """A page of passkeys."""

    credentials = fields.List(fields.Nested(Credential), required=True)
    paging = fields.Nested(Paging, required=True)
