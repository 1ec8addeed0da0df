"""The bodies of reported log-ins, named as in the published API description."""

from marshmallow import Schema, fields

from hanko_compat.backend.client_information import client_information
from hanko_compat.backend.fields import (
    Answer,
    Id,
    Milliseconds,
    Moment,
    length,
    required_choice,
    required_text,
)
from hanko_compat.services.audit.auth_events import AuthEventStatus, AuthEventType, AuthMethod


class AuthEventCreateReq(Schema):
    """A log-in to report."""

    username = required_text(length(1, 255))
    type = required_choice(AuthEventType, name="eventType")
    method = required_choice(AuthMethod)
    status = required_choice(AuthEventStatus)
    client_information = client_information()


class AuthEvent(Answer):
    """A reported log-in."""

    id = Id("auth_event_id", data_key="authEventID", metadata={"description": "The ID of the report."})
    user_id = Id("user_id", data_key="userID")
    username = fields.String(metadata={"description": "What the user is called."})
    type = fields.String(data_key="eventType", metadata={"description": "What happened."})
    method = fields.String(metadata={"description": "How the user showed who it is."})
    created = Moment(attribute="created_at", dump_only=True)
    created_ms = Milliseconds(attribute="created_at", data_key="createdMs", dump_only=True)
    status = fields.String()
