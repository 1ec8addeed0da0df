"""Log-in by SAML: to an identity provider and back, and what both sides of it have to know."""

import re

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from hanko_compat.context import services
from hanko_compat.errors.third_party import ProviderUnknown
from hanko_compat.public.answers import answer
from hanko_compat.public.saml_schemas import MetadataRefusal, ProviderResponse
from hanko_compat.services.saml.answers import Answer, Arrival
from hanko_compat.services.saml.requests import CALLBACK_PATH, LIFETIME, browser_of
from hanko_compat.services.saml.serving import Binding, SamlServices
from hanko_compat.web.body import read_form, returns
from hanko_compat.web.client_address import client
from hanko_compat.web.request_target import mount_of

bp = Blueprint("saml", __name__)

COOKIE = "hanko_saml_state"
OCTETS = "application/octet-stream"
# What the original's parser of booleans takes.
TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
FALSE = frozenset({"", "0", "f", "F", "FALSE", "false", "False"})
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)


@bp.get("/saml/provider")
@returns(None, status=404)
@returns(ProviderResponse)
def get_saml_provider() -> ResponseReturnValue:
    """Read how users of an address' domain log in by SAML (operationId get-saml-provider)."""
    try:
        known = _saml().providers.find(request.args.get("domain", ""))
    except ProviderUnknown:
        return "", 404
    return answer(ProviderResponse, known.settings)


@bp.get("/saml/auth")
@returns(None, status=307, headers=("Location", "Set-Cookie"), errors=(429,))
@returns(None, status=303, headers=("Location",))
def get_saml_auth() -> ResponseReturnValue:
    """Send the browser to the identity provider of a domain (operationId get-saml-auth)."""
    browser = browser_of(request.cookies.get(COOKIE)) if _uses_cookie() else _machine()
    found = _saml().answers.start(
        domain=request.args.get("domain", ""),
        redirect_to=request.args.get("redirect_to", ""),
        browser=browser,
        referer=request.headers.get("Referer", ""),
        client=client(),
    )
    response = _send(found, status=307)
    if not found.is_error and _uses_cookie():
        _remember(response, browser)
    return response


@bp.post(CALLBACK_PATH)
@returns(None, status=302, headers=("Location",), errors=(429,))
@returns(None, status=303, headers=("Location",))
def post_saml_callback() -> ResponseReturnValue:
    """Take what an identity provider sends by the browser (operationId post-saml-callback)."""
    # A browser's post without a body names no type.
    form = read_form() if request.mimetype else {}
    relay_state, document = (
        form.get(name) or request.args.get(name, "") for name in ("RelayState", "SAMLResponse")
    )
    browser = request.cookies.get(COOKIE) if _uses_cookie() else _machine()
    arrival = Arrival(relay_state, document, browser)
    referer = request.headers.get("Referer", "")
    return _send(_saml().answers.finish(arrival, referer=referer, client=client()), status=302)


@bp.get("/saml/metadata")
@returns(MetadataRefusal, status=400)
@returns(None, status=404)
@returns(OCTETS, headers=("Content-Disposition",))
def get_saml_metadata() -> ResponseReturnValue:
    """Download what identity providers have to know of this server (operationId get-saml-metadata)."""
    flag = request.args.get("cert_only", "")
    if flag not in TRUE | FALSE:
        # As Hanko 2.7.0: in another shape than all other errors, and of another parameter.
        refusal = answer(MetadataRefusal, {"description": "domain is missing"})
        refusal.status_code = 400
        return refusal
    saml = _saml()
    if not saml.providers.is_configured(request.args.get("domain", "")):
        return "", 404
    if flag in TRUE:
        return _download(_certificates(saml), "service-provider.pem")
    return _download(saml.service_provider().metadata(), "metadata.xml")


def _certificates(saml: SamlServices) -> bytes:
    """The certificate, as it is stored; while it is being renewed both, the one that signs first.

    Who gives it to an identity provider by hand could have the next one nowhere else.
    """
    *others, last = (pair.certificate for pair in saml.certificates.published())
    return "".join([*(f"{certificate.rstrip()}\n" for certificate in others), last]).encode()


def _saml() -> SamlServices:
    """The services of SAML; without them nobody serves these views."""
    found = services().saml
    if found is None:
        raise NotFound
    return found


def _send(found: Answer, *, status: int) -> Response:
    """Send the browser on with *status*, or back with 303; as the original without a body."""
    response = Response("", status=303 if found.is_error else status)
    response.headers["Location"] = found.url
    return response


def _uses_cookie() -> bool:
    return _saml().binding != Binding.MACHINE


def _machine() -> str:
    """What tells programs on the server's own machine apart, where no cookie does it reliably."""
    caller = client()
    return f"{caller.ip_address} {caller.user_agent}"


def _remember(response: Response, browser: str) -> None:
    """Give the browser the cookie by which it is known when it brings the response.

    It comes back by a POST of another site, which takes SameSite=None; browsers take that from https
    only. Over plain http there is no SameSite: Firefox and Safari then send the cookie, Chromium does for
    two minutes, and all do where both servers are of one site.
    """
    is_secure = _saml().binding == Binding.SECURE_COOKIE
    response.set_cookie(
        COOKIE,
        browser,
        max_age=LIFETIME,
        path=mount_of(request.environ),
        secure=is_secure,
        httponly=True,
        samesite="None" if is_secure else None,
    )


def _download(content: bytes, name: str) -> Response:
    service = _NOT_IN_A_NAME.sub("-", services().config.service.name)
    response = Response(content, mimetype=OCTETS)
    response.headers["Content-Disposition"] = f"attachment; filename={service}-{name}"
    return response
