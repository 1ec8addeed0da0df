"""The bodies of client environments, named as in the published API description."""

from marshmallow import Schema, fields


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
