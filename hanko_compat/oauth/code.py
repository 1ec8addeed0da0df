"""The authorization code grant (RFC 6749 s. 4.1) with proof keys (RFC 7636), by Authlib's client."""

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.errors.third_party import CodeExchangeFailed
from hanko_compat.http_client.client import Response
from hanko_compat.oauth.conversation import Conversation, parse_json
from hanko_compat.oauth.provider import Endpoints, Provider

FORM = "application/x-www-form-urlencoded"
METHODS = ("client_secret_basic", "client_secret_post")
"""How the client proves itself: the second when the first fails, whatever the provider says it supports."""
MEMBERS = ("access_token", "token_type", "id_token", "error")
ERROR_CODES = {  # RFC 6749 s. 5.2, and GitHub's
    "bad_verification_code",
    "incorrect_client_credentials",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "redirect_uri_mismatch",
    "unauthorized_client",
    "unsupported_grant_type",
}
"""Those that a log line may name; another text might be anything."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was exchanged for. ``authorization`` is the header to send the access token in."""

    access_token: str = field(repr=False)
    authorization: str = field(repr=False)
    id_token: str | None = field(repr=False)


def authorization_url(
    provider: Provider,
    endpoints: Endpoints,
    *,
    redirect_uri: str,
    state: str,
    nonce: str,
    code_verifier: str | None,
) -> str:
    """Where the browser is sent to (RFC 6749 s. 4.1.1; OpenID Connect Core s. 3.1.2.1)."""
    client = OAuth2Client(
        None,
        provider.client_id,
        scope=" ".join(provider.scopes),
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
    )
    parameters = dict(provider.kind.parameters)
    if provider.sends_nonce:
        parameters["nonce"] = nonce
    if provider.prompt:
        parameters["prompt"] = provider.prompt
    if provider.acr_values:
        parameters["acr_values"] = " ".join(provider.acr_values)
    url, _ = client.create_authorization_url(
        endpoints.authorization, state=state, code_verifier=code_verifier, **parameters
    )
    address, mark, query = str(url).partition("?")
    # Apple takes no plus sign for a blank; all take %20.
    return address + mark + query.replace("+", "%20")


def exchange(
    conversation: Conversation,
    provider: Provider,
    endpoints: Endpoints,
    *,
    redirect_uri: str,
    code: str,
    code_verifier: str | None,
) -> Tokens:
    """Trade a *code* for tokens (RFC 6749 s. 4.1.3). A wrong code causes two requests.

    Raises:
        CodeExchangeFailed: no access token that can be used.
    """
    first, second = (_client(conversation, provider, method) for method in METHODS)
    options = {"code": code, "redirect_uri": redirect_uri, "code_verifier": code_verifier}
    try:
        return _fetch(first, endpoints.token, options)
    except CodeExchangeFailed as error:
        reason = error.reason
    # As Hanko 2.7.0: some servers take the secret in the body only, and say so in ways of their own.
    try:
        return _fetch(second, endpoints.token, options)
    except CodeExchangeFailed as error:
        raise CodeExchangeFailed(f"{reason}; with the secret in the body: {error.reason}") from error


def _client(conversation: Conversation, provider: Provider, method: str) -> OAuth2Client:
    client = OAuth2Client(
        _Session(conversation), provider.client_id, provider.secret, token_endpoint_auth_method=method
    )
    client.register_client_auth_method((METHODS[0], _basic))
    return client


def _fetch(client: OAuth2Client, url: str, options: dict[str, Any]) -> Tokens:
    headers = {"Accept": "application/json", "Content-Type": FORM}
    try:
        answer = client.fetch_token(url, headers=headers, grant_type="authorization_code", **options)
    except RequestFailed as error:
        raise CodeExchangeFailed(error.reason) from error
    except OAuth2Error as error:
        raise CodeExchangeFailed(_named(error.error)) from error
    return _tokens(answer)


def _tokens(answer: dict[str, Any]) -> Tokens:
    token, type_, id_token = (answer.get(name) for name in ("access_token", "token_type", "id_token"))
    if not isinstance(token, str) or not token:
        raise CodeExchangeFailed("an answer without access token")
    type_ = type_ if isinstance(type_, str) and type_ and type_.lower() != "bearer" else "Bearer"
    if not (token + type_).isascii() or not (token + type_).isprintable() or " " in token + type_:
        raise CodeExchangeFailed("an access token that can't stand in a header")
    return Tokens(token, f"{type_} {token}", id_token if isinstance(id_token, str) and id_token else None)


def _basic(client: ClientAuth, _method: str, uri: str, headers: dict[str, str], body: str) -> Any:
    """Basic authentication with both parts encoded as in a form (RFC 6749 s. 2.3.1); Authlib's are not."""
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    return uri, headers, body


class _Session:
    """What Authlib's client posts with: the guarded requests of one log-in."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def post(self, url: str, *, data: dict[str, str], headers: dict[str, str], auth: ClientAuth) -> "_Answer":
        url, headers, body = auth.prepare("POST", url, headers, urlencode(data))
        return _Answer(self._conversation.post(url, body.encode(), headers))


class _Answer:
    """An answer of a token endpoint, as Authlib reads it."""

    def __init__(self, response: Response) -> None:
        self.status_code = response.status
        self._response = response

    def raise_for_status(self) -> None:
        raise RequestFailed(f"status {self.status_code}")

    def json(self) -> dict[str, Any]:
        """The members of the answer that count (RFC 6749 s. 5.1, 5.2)."""
        members = _members(self._response)
        if not 200 <= self.status_code < 300:
            raise RequestFailed(f"status {self.status_code}, {_named(members.get('error'))}")
        return {name: members[name] for name in MEMBERS if members.get(name)}


def _members(response: Response) -> dict[str, Any]:
    """A form, which is what GitHub sends, or JSON. As Hanko 2.7.0: text/plain is a form."""
    type_ = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if type_ in (FORM, "text/plain"):
        return dict(parse_qsl(response.body.decode("latin-1")))
    try:
        members = parse_json(response.body)
    except RequestFailed:
        members = None
    return members if isinstance(members, dict) else {}


def _named(error: object) -> str:
    return error if isinstance(error, str) and error in ERROR_CODES else "error that is not shown"
