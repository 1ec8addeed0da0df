"""The configuration of a project, which is this server's, and in its file."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from hanko_compat.web.body import returns

bp = Blueprint("project_config", __name__)


@bp.put("/projectConfig/cname")
@returns(None, errors=(401, 404))
def project_config_update_cname() -> ResponseReturnValue:
    """Refuse to order a certificate, as only Corbado's service can (operationId ProjectConfigUpdateCNAME)."""
    raise NotFound
