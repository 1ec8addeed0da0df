"""The bodies of password managers, named as in the published API description."""

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
