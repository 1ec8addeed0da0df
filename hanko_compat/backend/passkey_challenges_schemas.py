"""The bodies of challenges of passkeys, named as in the published API description."""

from marshmallow import Schema, fields

from hanko_compat.backend.fields import Answer, Id, Milliseconds, Seconds, required_choice
from hanko_compat.backend.schemas import Paging
from hanko_compat.services.passkeys.challenges import PasskeyChallengeStatus


class PasskeyChallengeUpdateReq(Schema):
    """What changes of a challenge."""

    status = required_choice(PasskeyChallengeStatus)


class PasskeyChallenge(Answer):
    """A ceremony that was begun, and what came of it."""

    id = Id(
        "passkey_challenge_id", data_key="challengeID", metadata={"description": "The ID of the challenge."}
    )
    type = fields.String()
    value = fields.String(metadata={"description": "What had to be signed, in base64url."})
    status = fields.String()
    created = Seconds(
        attribute="created_at",
        dump_only=True,
        metadata={"description": "When it was made, in seconds since 1970."},
    )
    created_ms = Milliseconds(attribute="created_at", data_key="createdMs", dump_only=True)
    expires = Seconds(attribute="expires_at", dump_only=True)


class PasskeyChallengeList(Schema):
    """A page of challenges."""

    challenges = fields.List(
        fields.Nested(PasskeyChallenge),
        required=True,
        data_key="passkeyChallenges",
        metadata={"description": "The challenges of this page."},
    )
    paging = fields.Nested(Paging, required=True)
