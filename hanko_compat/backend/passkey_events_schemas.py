"""The bodies of notes on passkeys, named as in the published API description."""

from marshmallow import Schema, fields, validate

from hanko_compat.backend.fields import (
    NOT_VALID,
    OPTIONAL,
    Answer,
    Id,
    Milliseconds,
    Moment,
    length,
    optional_text,
    required_choice,
)
from hanko_compat.backend.schemas import Paging
from hanko_compat.services.passkeys.events import PasskeyEventType

LARGEST = 2**63 - 1  # of the column
LONGEST_CHALLENGE = 8000  # characters


class PasskeyEventCreateReq(Schema):
    """A new note; all but its type is kept as it is sent."""

    type = required_choice(PasskeyEventType, name="eventType")
    expires = fields.Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        error_messages=OPTIONAL,
        validate=validate.Range(min=0, max=LARGEST, error=NOT_VALID),
    )
    process_id = optional_text(length(0, 255), name="processID")
    client_env_id = optional_text(length(0, 255), name="clientEnvID")
    credential_id = optional_text(length(0, 255), name="credentialID")
    challenge = optional_text(length(0, LONGEST_CHALLENGE))


class PasskeyEvent(Answer):
    """A note on a user's passkeys."""

    id = Id("passkey_event_id", data_key="passkeyEventID", metadata={"description": "The ID of the note."})
    user_id = Id("user_id", data_key="userID")
    type = fields.String(data_key="eventType", metadata={"description": "What happened."})
    client_env_id = fields.String(
        data_key="clientEnvID", metadata={"description": "The browser, as it was sent."}
    )
    process_id = fields.String(data_key="processID")
    credential_id = fields.String(
        data_key="credentialID", metadata={"description": "The passkey, as it was sent."}
    )
    expires = fields.Integer(metadata={"description": "As it was sent."})
    created = Moment(attribute="created_at", dump_only=True)
    created_ms = Milliseconds(attribute="created_at", data_key="createdMs", dump_only=True)


class PasskeyEventList(Schema):
    """A page of notes."""

    events = fields.List(
        fields.Nested(PasskeyEvent),
        required=True,
        data_key="passkeyEvents",
        metadata={"description": "The notes of this page."},
    )
    paging = fields.Nested(Paging, required=True)
