"""The client of all providers: where browsers are sent to, and who comes back."""

import socket
import ssl
from collections.abc import Callable
from functools import cache

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.errors.third_party import ProviderUnavailable, ProviderUserUnavailable
from hanko_compat.http_client.client import Client
from hanko_compat.http_client.deadline import Deadline
from hanko_compat.http_client.look_up import Resolve
from hanko_compat.oauth.claims import mapped, to_user
from hanko_compat.oauth.code import Tokens, authorization_url, exchange
from hanko_compat.oauth.conversation import Conversation
from hanko_compat.oauth.provider import Access, Claims, Endpoints, Provider
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
    ) -> None:
        """Each call takes no longer than *timeout* seconds.

        *networks* may be connected to although they are not public; further the hosts that a provider's
        registration names. *resolve* looks names up, *make_tls* says which certificates are trusted.
        """
        self._timeout = timeout
        self._networks = networks
        self._resolve = resolve
        self._make_tls = cache(make_tls)

    def supports_pkce(self, provider: Provider) -> bool:
        """Whether *provider* says that it takes code challenges with S256 (RFC 7636, RFC 8414 s. 2).

        Raises:
            ProviderUnavailable: its metadata can't be had.
        """
        return self._endpoints(provider, self._talk_to(provider)).has_pkce

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
            self._endpoints(provider, self._talk_to(provider)),
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
        nonce: str,  # noqa: ARG002
        code_verifier: str | None,
    ) -> ProviderUser:
        """Trade a *code* for who has logged in; the other arguments are those of the authorization request.

        Raises:
            ProviderUnavailable: the provider's metadata can't be had.
            CodeExchangeFailed: it gives no access token for the code.
            ProviderUserUnavailable: it does not tell who has logged in, or what it says is not to be trusted.
            ProviderUserInvalid: what it tells can't be stored.
        """
        conversation = self._talk_to(provider)
        endpoints = self._endpoints(provider, conversation)
        tokens = exchange(
            conversation,
            provider,
            endpoints,
            redirect_uri=redirect_uri,
            code=code,
            code_verifier=code_verifier,
        )
        claims = self._claims(provider, endpoints, conversation, tokens)
        return to_user(mapped(claims, provider.attribute_mapping), provider_id=provider.id)

    def _talk_to(self, provider: Provider) -> Conversation:
        client = Client(
            timeout=self._timeout,
            networks=self._networks,
            private_hosts=provider.private_hosts,
            max_bytes=MAX_BYTES,
            resolve=self._resolve,
            make_tls=self._make_tls,
        )
        return Conversation(client, Deadline(self._timeout))

    def _endpoints(self, provider: Provider, _conversation: Conversation) -> Endpoints:
        if provider.endpoints is None:
            raise ProviderUnavailable("discovery is still to come")
        return provider.endpoints

    def _claims(
        self, provider: Provider, endpoints: Endpoints, conversation: Conversation, tokens: Tokens
    ) -> Claims:
        access = Access(conversation, endpoints, tokens.access_token, tokens.authorization, provider.secret)
        if provider.kind.fetch is None:
            raise ProviderUserUnavailable("ID tokens are still to come")
        try:
            return provider.kind.fetch(access)
        except RequestFailed as error:
            raise ProviderUserUnavailable(error.reason) from error
