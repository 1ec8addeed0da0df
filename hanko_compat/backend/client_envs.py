"""Browsers of users on their devices: Corbado's service finds them out, this server does not."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hanko_compat.backend.answers import answer
from hanko_compat.backend.client_envs_schemas import ClientEnvList
from hanko_compat.context import services
from hanko_compat.web.body import returns

bp = Blueprint("client_envs", __name__)


@bp.get("/users/<user_id>/clientEnvs")
@returns(ClientEnvList, errors=(400, 401))
def client_env_list(user_id: UUID) -> ResponseReturnValue:
    """List client environments, of which there are none (operationId ClientEnvList)."""
    services().users.records.require(user_id)
    return answer(ClientEnvList, {"client_envs": []})
