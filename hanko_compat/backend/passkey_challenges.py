"""Challenges of passkeys: which ceremonies were begun for a user, and what came of them."""

from typing import Any
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hanko_compat.backend.answers import answer, answer_page
from hanko_compat.backend.paging import Column, id_of, listed, text
from hanko_compat.backend.passkey_challenges_schemas import (
    PasskeyChallenge,
    PasskeyChallengeList,
    PasskeyChallengeUpdateReq,
)
from hanko_compat.backend.user_path import of_user
from hanko_compat.context import services
from hanko_compat.services.api_secrets import PROJECT_PREFIX
from hanko_compat.services.paging import Query
from hanko_compat.web.body import body, returns

bp = Blueprint("passkey_challenges", __name__)


def project(value: str) -> str:
    """Read the ID of a project, with its prefix or without."""
    return PROJECT_PREFIX + text(value).removeprefix(PROJECT_PREFIX)


COLUMNS = {
    "userID": Column("user_id", id_of("user_id")),
    "projectID": Column("project_id", project),
    "status": Column("status", text),
    "type": Column("type", text),
}


@bp.get("/users/<user_id>/passkeyChallenges")
@returns(PasskeyChallengeList, errors=(400, 401))
@of_user
@listed(COLUMNS)
def passkey_challenge_list(user_id: UUID, query: Query) -> ResponseReturnValue:
    """List the challenges of a user's passkeys (operationId PasskeyChallengeList)."""
    page = services().passkeys.challenges.list(user_id, query)
    return answer_page("passkeyChallenges", PasskeyChallenge, page, query)


@bp.patch("/users/<user_id>/passkeyChallenges/<passkey_challenge_id>")
@returns(PasskeyChallenge, errors=(401,))
@of_user
@body(PasskeyChallengeUpdateReq)
def passkey_challenge_update(
    user_id: UUID, passkey_challenge_id: UUID, data: dict[str, Any]
) -> ResponseReturnValue:
    """Set the status of a challenge (operationId PasskeyChallengeUpdate).

    It only goes forward: from pending to completed to consumed, which it becomes once.
    """
    challenges = services().passkeys.challenges
    return answer(PasskeyChallenge, challenges.update(user_id, passkey_challenge_id, status=data["status"]))
