"""The bodies of challenges, named as in the published API description."""

import json
from datetime import timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load

from hanko_compat.backend.client_information import client_information, described
from hanko_compat.backend.fields import (
    NOT_VALID,
    OPTIONAL,
    Answer,
    Id,
    Seconds,
    length,
    required_choice,
    required_text,
)
from hanko_compat.services.challenges import LIFETIME, LONGEST_LIFETIME, ChallengeType

LONGEST_METADATA = 8192  # characters as JSON
SECOND = timedelta(seconds=1)


class LifetimeSeconds(fields.Integer):
    """A number of seconds from one up, and no text or fraction that is like one."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError(NOT_VALID)
        if value < 1:
            raise ValidationError("must be no less than 1")
        if value > LONGEST_LIFETIME // SECOND:
            raise ValidationError(f"must be no greater than {LONGEST_LIFETIME // SECOND}")
        return value


def fits(metadata: Any) -> None:
    """Refuse more than a column holds."""
    if len(json.dumps(metadata)) > LONGEST_METADATA:
        raise ValidationError(f"the length must be no more than {LONGEST_METADATA}")


class ChallengeCreateReq(Schema):
    """A new challenge."""

    type = required_choice(ChallengeType, name="challengeType")
    identifier_value = required_text(length(1, 255), name="identifierValue")
    details = fields.Dict(
        data_key="challengeMetadata",
        allow_none=True,
        load_default=None,
        error_messages=OPTIONAL,
        validate=fits,
        metadata={"description": "Anything that shall be kept beside it."},
    )
    lifetime = LifetimeSeconds(
        data_key="lifetimeSeconds",
        allow_none=True,
        load_default=None,
        error_messages=OPTIONAL,
        metadata={"description": "How long it is good, five minutes by default and a day at most."},
    )
    client_information = client_information()

    @post_load
    def read_lifetime(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """Make a length of time of the seconds, the usual one where none is given."""
        seconds = data.pop("lifetime")
        return data | {"lifetime": LIFETIME if seconds is None else seconds * SECOND}


class ChallengeUpdateReq(Schema):
    """What the user typed, or what the link held."""

    value = described(required_text(), "What the user typed, or what the link held.")


class ChallengeSchema(Answer):
    """A code or a link that was sent to an identifier of a user."""

    id = Id("challenge_id", data_key="challengeID", metadata={"description": "The ID of the challenge."})
    type = fields.String()
    identifier_value = fields.String(data_key="identifierValue")
    value = fields.String(
        metadata={"description": "The code, or the secret of the link, when it is made; empty afterwards."}
    )
    expires_at = Seconds(data_key="expires", dump_only=True)
    status = fields.String()
