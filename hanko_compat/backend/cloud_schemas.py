"""The bodies of what only Corbado's service knows, named as in the published API description."""

from marshmallow import Schema, fields


class PasswordManager(Schema):
    """A password manager that a user has a passkey in."""

    id = fields.String(required=True)
    user_id = fields.String(required=True, data_key="userID")
    client_env_id = fields.String(required=True, data_key="clientEnvID")
    credential_id = fields.String(required=True, data_key="credentialID")
    aaguid = fields.String(required=True)
    status = fields.String(required=True)
    score = fields.Integer(required=True)
    created_ms = fields.Integer(required=True, data_key="createdMs")


class PasswordManagerList(Schema):
    """The password managers of a user."""

    password_managers = fields.List(
        fields.Nested(PasswordManager), required=True, data_key="passwordManagers"
    )


class ClientEnv(Schema):
    """A browser of a user on a device."""

    id = fields.String(required=True)
    handle = fields.String(required=True)
    browser_name = fields.String(required=True, data_key="browserName")
    browser_version = fields.String(required=True, data_key="browserVersion")
    os_name = fields.String(required=True, data_key="osName")
    os_version = fields.String(required=True, data_key="osVersion")
    user_agent = fields.String(required=True, data_key="userAgent")
    js_fingerprint = fields.String(required=True, data_key="jsFingerprint")
    created_ms = fields.Integer(required=True, data_key="createdMs")
    device_id = fields.String(data_key="deviceId")


class ClientEnvList(Schema):
    """The client environments of a user."""

    client_envs = fields.List(fields.Nested(ClientEnv), required=True, data_key="clientEnvs")
