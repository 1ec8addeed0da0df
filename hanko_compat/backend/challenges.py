"""One-time challenges: sent to an identifier of a user, and checked against what comes back."""

from typing import Any
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hanko_compat.backend.answers import answer
from hanko_compat.backend.challenges_schemas import ChallengeCreateReq, ChallengeSchema, ChallengeUpdateReq
from hanko_compat.backend.client_information import person
from hanko_compat.backend.user_path import of_user
from hanko_compat.context import services
from hanko_compat.services.challenges import ChallengeRequest
from hanko_compat.web.body import body, returns
from hanko_compat.web.client_address import client

bp = Blueprint("challenges", __name__)


@bp.post("/users/<user_id>/challenges")
@returns(ChallengeSchema, errors=(401, 429, 503))
@of_user
@body(ChallengeCreateReq)
def challenge_create(user_id: UUID, data: dict[str, Any]) -> ResponseReturnValue:
    """Send a code or a link to an identifier of a user (operationId ChallengeCreate).

    The answer holds the code or the secret of the link, so that the caller can deliver it, too.
    """
    user = person(data.pop("client_information"))
    challenge = services().challenges.create(user_id, ChallengeRequest(**data), client=user)
    return answer(ChallengeSchema, challenge)


@bp.patch("/users/<user_id>/challenges/<challenge_id>")
@returns(ChallengeSchema, errors=(401, 429, 503))
@of_user
@body(ChallengeUpdateReq)
def challenge_update(user_id: UUID, challenge_id: UUID, data: dict[str, Any]) -> ResponseReturnValue:
    """Complete a challenge with what the user typed (operationId ChallengeUpdate).

    It works once; after the third wrong value it is expired.
    """
    challenge = services().challenges.verify(user_id, challenge_id, data["value"], client=client())
    return answer(ChallengeSchema, challenge)
