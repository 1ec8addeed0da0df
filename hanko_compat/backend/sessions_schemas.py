"""The bodies of sessions, named as in the published API description."""

from marshmallow import Schema, fields

from hanko_compat.backend.fields import Answer, Id, Milliseconds
from hanko_compat.backend.schemas import Paging


class Session(Answer):
    """A log-in at the public door."""

    id = Id("session_id", data_key="sessionID")
    user_id = Id("user_id", data_key="userID")
    identifier_value = fields.String(data_key="identifierValue")
    created_ms = Milliseconds(attribute="created_at", data_key="createdMs")
    last_action_ms = Milliseconds(attribute="last_action_at", data_key="lastActionMs")
    expires_ms = Milliseconds(attribute="expires_at", data_key="expiresMs")
    status = fields.String()


class SessionList(Schema):
    """A page of sessions."""

    sessions = fields.List(fields.Nested(Session), required=True)
    paging = fields.Nested(Paging, required=True)
