"""Log-in with other providers: browsers are sent to them, and come back."""

from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from hanko_compat.context import services
from hanko_compat.public.state_cookies import set_state_cookie
from hanko_compat.services.redirects import with_query
from hanko_compat.services.third_party.third_party import ProviderAnswer, Redirect
from hanko_compat.web.body import read_form, returns, takes
from hanko_compat.web.client_address import client

bp = Blueprint("thirdparty", __name__, url_prefix="/thirdparty")

STATE_COOKIE = "hanko_thirdparty_state"
MOST_COOKIES = 3  # other hosts of a parent domain may set one of this name, too
LONGEST_URL = 8000  # bytes: with a longer one, no proxy and no server lets a browser come again
ANSWER = ("state", "code", "error", "error_description", "iss")
"""The parameters with which a provider answers (RFC 6749 s. 4.1.2, RFC 9207)."""


@bp.get("/auth")
@returns(None, status=307, headers=("Location", "Set-Cookie"), errors=(429,))
@takes("provider", "redirect_to")
def third_party_auth() -> ResponseReturnValue:
    """Send a browser to a provider (operationId thirdPartyAuth), or back with what is wrong."""
    provider, redirect_to = request.args.get("provider", ""), request.args.get("redirect_to", "")
    referer = request.headers.get("Referer", "")
    return _go(services().third_party.start(provider, redirect_to, referer=referer, client=client()))


@bp.get("/callback")
@returns(None, status=307, headers=("Location", "Set-Cookie"), errors=(429,))
@takes(*ANSWER)
def third_party_callback() -> ResponseReturnValue:
    """Receive a browser from a provider (operationId thirdPartyCallback), and send it on with a token."""
    if request.method == "HEAD":  # flask has it come here, too
        return "", HTTPStatus.NO_CONTENT  # safe (RFC 9110 s. 9.2.1): it uses up no state and no code
    state, code, error, description, issuer = (request.args.get(name, "") for name in ANSWER)
    answer = ProviderAnswer(state=state, code=code, error=error, error_description=description, issuer=issuer)
    cookies = request.cookies.getlist(STATE_COOKIE)[:MOST_COOKIES]
    return _go(services().third_party.finish(answer, cookies=cookies, client=client()))


@bp.post("/callback")
@returns(None, status=303, headers=("Location",), errors=(400, 413, 415))
def third_party_form_callback() -> ResponseReturnValue:
    """Receive the form in which Apple answers (OAuth 2.0 Form Post Response Mode), and have it come again.

    A browser sends no ``SameSite=Lax`` cookie with a form of another site, but it does with the GET that it
    makes of this answer. So the one cookie binds every log-in, and no cookie has to go with foreign forms.
    """
    given = {**request.args.to_dict(), **read_form()}
    # A path alone: the host stays that which the browser has asked. A proxy may have cut off its beginning.
    path = urlsplit(services().config.third_party.redirect_url).path or request.path
    url = with_query(path, **{name: given[name] for name in ANSWER if name in given})
    if len(url) > LONGEST_URL:
        raise RequestEntityTooLarge
    return _redirect(url, HTTPStatus.SEE_OTHER)


def _go(redirect: Redirect) -> Response:
    response = _redirect(redirect.url, HTTPStatus.TEMPORARY_REDIRECT)
    if redirect.state is not None:
        set_state_cookie(response, STATE_COOKIE, redirect.state, same_site="lax")
    return response


def _redirect(url: str, status: HTTPStatus) -> Response:
    response = Response(status=status)
    response.headers["Location"] = url
    del response.headers["Content-Type"]  # of nothing
    return response
