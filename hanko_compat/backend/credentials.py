"""Passkeys of users: listed, deleted."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hanko_compat.backend.answers import answer_page
from hanko_compat.backend.credentials_schemas import Credential, CredentialList
from hanko_compat.backend.envelope import done
from hanko_compat.backend.paging import Column, flag, id_of, listed, moment, text
from hanko_compat.backend.schemas import GenericRsp
from hanko_compat.backend.user_path import of_user
from hanko_compat.context import services
from hanko_compat.services.paging import Query
from hanko_compat.web.body import returns
from hanko_compat.web.client_address import client

bp = Blueprint("credentials", __name__)

COLUMNS = {
    "userID": Column("user_id", id_of("user_id")),
    "created": Column("created", moment),
    "status": Column("status", text),
    "backupState": Column("backup_state", flag),
    "browserName": Column("source_browser", text),
    "osName": Column("source_os", text),
}


@bp.get("/users/<user_id>/credentials")
@returns(CredentialList, errors=(400, 401))
@of_user
@listed(COLUMNS)
def credential_list(user_id: UUID, query: Query) -> ResponseReturnValue:
    """List the passkeys of a user (operationId CredentialList).

    Those made at either door; keys that are a second factor only are none of them.
    """
    page = services().passkeys.credential_records.list(user_id, query)
    return answer_page("credentials", Credential, page, query)


@bp.delete("/users/<user_id>/credentials/<credential_id>")
@returns(GenericRsp, errors=(400, 401))
def credential_delete(user_id: UUID, credential_id: UUID) -> ResponseReturnValue:
    """Delete a passkey of a user, the last one too (operationId CredentialDelete)."""
    services().passkeys.credential_records.delete(user_id, credential_id, client=client())
    return done()
