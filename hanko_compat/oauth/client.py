"""The client of all providers: where browsers are sent to, and who comes back."""

import socket
import ssl
from collections.abc import Callable
from functools import cache

from hanko_compat.clock import Clock, utc_now
from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.errors.third_party import ProviderUserUnavailable, StateInvalid
from hanko_compat.http_client.client import Client
from hanko_compat.http_client.deadline import Deadline
from hanko_compat.http_client.look_up import Resolve
from hanko_compat.oauth import id_token
from hanko_compat.oauth.claims import mapped, to_user
from hanko_compat.oauth.code import Tokens, authorization_url, exchange
from hanko_compat.oauth.conversation import Conversation
from hanko_compat.oauth.outages import Outages
from hanko_compat.oauth.provider import Access, Claims, Endpoints, Provider
from hanko_compat.oauth.published import Published
from hanko_compat.provider_user import ProviderUser
from hanko_compat.special_purpose import Networks

MAX_BYTES = 256 * 1024
"""How long any answer of a provider may be."""


class ProviderClient:
    """Asks providers. Threads share it.

    All requests of one call end within one time. No secret, code or token is in an error.
    """

    def __init__(
        self,
        *,
        timeout: float,
        networks: Networks = (),
        resolve: Resolve = socket.getaddrinfo,
        make_tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        now: Clock = utc_now,
    ) -> None:
        """Each call takes no longer than *timeout* seconds.

        *networks* may be connected to although they are not public; further the hosts that a provider's
        registration names. *resolve* looks names up, *make_tls* says which certificates are trusted.
        """
        self._timeout = timeout
        self._networks = networks
        self._resolve = resolve
        self._make_tls = cache(make_tls)
        self._now = now
        self._outages = Outages()
        self._published = Published(clock=now)

    def supports_pkce(self, provider: Provider) -> bool:
        """Whether *provider* says that it takes code challenges with S256 (RFC 7636, RFC 8414 s. 2).

        Raises:
            ProviderUnavailable: its metadata can't be had.
        """
        return self._endpoints(provider).has_pkce

    def authorization_url(
        self, provider: Provider, *, redirect_uri: str, state: str, nonce: str, code_verifier: str | None
    ) -> str:
        """Where a browser logs in with *provider* (RFC 6749 s. 4.1.1).

        *nonce* is sent where an ID token will repeat it. With *code_verifier*, its challenge is.

        Raises:
            ProviderUnavailable: its metadata can't be had.
        """
        return authorization_url(
            provider,
            self._endpoints(provider),
            redirect_uri=redirect_uri,
            state=state,
            nonce=nonce,
            code_verifier=code_verifier,
        )

    def fetch_user(
        self,
        provider: Provider,
        *,
        redirect_uri: str,
        code: str,
        nonce: str,
        code_verifier: str | None,
        issuer: str = "",
    ) -> ProviderUser:
        """Trade a *code* for who has logged in.

        *issuer* is the ``iss`` that has come with it, the other arguments are those of the authorization
        request.

        Raises:
            ProviderUnavailable: the provider's metadata can't be had.
            StateInvalid: no ``iss``, from a provider that says that it always sends one (RFC 9207 s. 2.4).
            CodeExchangeFailed: it gives no access token for the code.
            ProviderUserUnavailable: it does not tell who has logged in, or what it says is not to be trusted.
            ProviderUserInvalid: what it tells can't be stored.
        """
        with self._talk_to(provider) as conversation:
            endpoints = self._published.endpoints(provider, conversation)
            if endpoints.sends_issuer and not issuer:
                raise StateInvalid
            tokens = exchange(
                conversation,
                provider,
                endpoints,
                redirect_uri=redirect_uri,
                code=code,
                code_verifier=code_verifier,
            )
            claims = self._claims(provider, endpoints, conversation, tokens, nonce=nonce)
        return to_user(mapped(claims, provider.attribute_mapping), provider_id=provider.id)

    def _endpoints(self, provider: Provider) -> Endpoints:
        with self._talk_to(provider) as conversation:
            return self._published.endpoints(provider, conversation)

    def _talk_to(self, provider: Provider) -> Conversation:
        client = Client(
            timeout=self._timeout,
            networks=self._networks,
            private_hosts=provider.private_hosts,
            max_bytes=MAX_BYTES,
            resolve=self._resolve,
            make_tls=self._make_tls,
        )
        return Conversation(client, Deadline(self._timeout), line=self._outages.line(provider.id))

    def _claims(
        self,
        provider: Provider,
        endpoints: Endpoints,
        conversation: Conversation,
        tokens: Tokens,
        *,
        nonce: str,
    ) -> Claims:
        """What the provider tells of the user, in an ID token or to who has the access token."""
        vouched = self._id_token_claims(tokens, provider, endpoints, conversation, nonce=nonce)
        if provider.kind.read_id_token is not None:
            if vouched is None:
                raise ProviderUserUnavailable("no ID token")
            return provider.kind.read_id_token(vouched)
        claims = _fetched(provider, endpoints, conversation, tokens)
        if vouched is not None:
            _require_same_subject(claims, vouched, provider)
        return claims

    def _id_token_claims(
        self,
        tokens: Tokens,
        provider: Provider,
        endpoints: Endpoints,
        conversation: Conversation,
        *,
        nonce: str,
    ) -> Claims | None:
        """The claims of the ID token, if one came: it is checked wherever it comes from."""
        if tokens.id_token is None:
            return None
        token = id_token.parse(tokens.id_token)
        issuer_of_key = None
        # Who has no keys to check the signature with, relies on TLS: the token came from the token endpoint
        # itself (OpenID Connect Core s. 3.1.3.7, number 6), as the user data does, which alone is used there.
        if endpoints.keys or provider.kind.read_id_token is not None or provider.endpoints is None:
            issuer_of_key = self._published.signer(token, provider, endpoints, conversation).issuer
        id_token.check_claims(token.claims, provider=provider, nonce=nonce, now=self._now())
        is_issuer = provider.kind.is_issuer
        if is_issuer is not None and not is_issuer(token.claims, issuer_of_key):
            raise ProviderUserUnavailable("ID token: iss")
        return token.claims


def _fetched(provider: Provider, endpoints: Endpoints, conversation: Conversation, tokens: Tokens) -> Claims:
    """What the provider tells of the user to who has the access token."""
    access = Access(conversation, endpoints, tokens.access_token, tokens.authorization, provider.secret)
    if provider.kind.fetch is None:
        raise ProviderUserUnavailable("no user data")
    try:
        return provider.kind.fetch(access)
    except RequestFailed as error:
        raise ProviderUserUnavailable(error.reason) from error


def _require_same_subject(claims: Claims, vouched: Claims, provider: Provider) -> None:
    """User data of another subject must not be used (OpenID Connect Core s. 5.3.2)."""
    subject = claims.get("sub")
    if subject is None and "sub" in provider.attribute_mapping:
        return  # the operator has said where it is instead
    if str(subject) != vouched["sub"]:
        raise ProviderUserUnavailable("user data of another subject than that of the ID token")
