"""Password managers of users: Corbado's service finds them out, this server does not."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hanko_compat.backend.answers import answer
from hanko_compat.backend.password_managers_schemas import PasswordManagerList
from hanko_compat.context import services
from hanko_compat.web.body import returns

bp = Blueprint("password_managers", __name__)


@bp.get("/users/<user_id>/passwordManagers")
@returns(PasswordManagerList, errors=(400, 401))
def password_manager_list(user_id: UUID) -> ResponseReturnValue:
    """List password managers, of which there are none (operationId PasswordManagerList)."""
    services().users.records.require(user_id)
    return answer(PasswordManagerList, {"password_managers": []})
