"""Social accounts: what users have at other providers."""

from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from hanko_compat.backend.answers import answer, answer_page
from hanko_compat.backend.paging import Column, listed, text
from hanko_compat.backend.schemas import SocialAccount
from hanko_compat.backend.social_accounts_schemas import SocialAccountCreateReq, SocialAccountList
from hanko_compat.backend.user_path import of_user
from hanko_compat.context import services
from hanko_compat.services.paging import Query
from hanko_compat.web.body import body, returns
from hanko_compat.web.client_address import client

bp = Blueprint("social_accounts", __name__)

COLUMNS = {"providerType": Column("provider", text), "foreignID": Column("foreign_id", text)}
BARE_LIST = SocialAccount(many=True)


@bp.post("/users/<user_id>/socialAccounts")
@returns(SocialAccount, errors=(401, 409))
@of_user
@body(SocialAccountCreateReq)
def social_account_create(user_id: UUID, data: dict[str, Any]) -> ResponseReturnValue:
    """Link a user with an account at a provider (operationId SocialAccountCreate)."""
    return answer(SocialAccount, services().social_accounts.create(user_id, **data, client=client()))


@bp.get("/users/<user_id>/socialAccounts")
@returns(BARE_LIST, errors=(400, 401))
@of_user
@listed(COLUMNS)
def user_social_account_list(user_id: UUID, query: Query) -> ResponseReturnValue:
    """List the accounts of a user, without a word on pages (operationId UserSocialAccountList)."""
    return jsonify(BARE_LIST.dump(services().social_accounts.list_of_user(user_id, query)))


@bp.get("/socialAccounts")
@returns(SocialAccountList, errors=(400, 401))
@listed(COLUMNS)
def social_account_list(query: Query) -> ResponseReturnValue:
    """List the accounts of all users (operationId SocialAccountList)."""
    return answer_page("socialAccounts", SocialAccount, services().social_accounts.list(query), query)
