"""What Corbado's service finds out about devices, and this server does not: always nothing."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hanko_compat.backend.answers import answer
from hanko_compat.backend.cloud_schemas import ClientEnvList, PasswordManagerList
from hanko_compat.context import services
from hanko_compat.web.body import returns

bp = Blueprint("cloud", __name__)


@bp.get("/users/<user_id>/passwordManagers")
@returns(PasswordManagerList, errors=(400, 401))
def password_manager_list(user_id: UUID) -> ResponseReturnValue:
    """List password managers, of which there are none (operationId PasswordManagerList)."""
    services().users.records.require(user_id)
    return answer(PasswordManagerList, {"password_managers": []})


@bp.get("/users/<user_id>/clientEnvs")
@returns(ClientEnvList, errors=(400, 401))
def client_env_list(user_id: UUID) -> ResponseReturnValue:
    """List client environments, of which there are none (operationId ClientEnvList)."""
    services().users.records.require(user_id)
    return answer(ClientEnvList, {"client_envs": []})
