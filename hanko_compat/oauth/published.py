"""What providers publish about themselves, metadata and keys, as long as it is good for."""

from hanko_compat.clock import Clock
from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.errors.third_party import ProviderUnavailable, ProviderUserUnavailable
from hanko_compat.oauth.conversation import Conversation
from hanko_compat.oauth.discovery import fetch_endpoints
from hanko_compat.oauth.id_token import IdToken
from hanko_compat.oauth.keys import VerificationKey, read_key_set
from hanko_compat.oauth.provider import Endpoints, Provider
from hanko_compat.oauth.shared_document import SharedDocument

KeySet = tuple[VerificationKey, ...]


class Published:
    """The documents of all providers: two for each at most. Threads share it."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._metadata: dict[str, SharedDocument[Endpoints]] = {}
        self._keys: dict[str, tuple[str, SharedDocument[KeySet]]] = {}

    def endpoints(self, provider: Provider, conversation: Conversation) -> Endpoints:
        """Where *provider* is asked: configured, built in, or discovered.

        Raises:
            ProviderUnavailable: its metadata can't be had, or used.
        """
        if provider.endpoints is not None:
            return provider.endpoints
        document = self._metadata.setdefault(provider.id, SharedDocument(clock=self._clock))
        try:
            return document.get(
                lambda: fetch_endpoints(conversation, issuer=provider.issuer), patience=conversation.patience
            )
        except RequestFailed as error:
            raise ProviderUnavailable(error.reason) from error

    def signer(
        self, token: IdToken, provider: Provider, endpoints: Endpoints, conversation: Conversation
    ) -> VerificationKey:
        """The key of *provider* that has signed *token*; its keys are read again if none of those known has.

        Raises:
            ProviderUserUnavailable: there is none, or the keys can't be had.
        """
        if not endpoints.keys:
            raise ProviderUserUnavailable("an ID token, and no keys")
        document = self._key_set(provider, endpoints.keys)

        def fetch() -> KeySet:
            return read_key_set(conversation.get_json(endpoints.keys))

        needs_alg = provider.kind.keys_need_alg
        try:
            keys = document.get(fetch, patience=conversation.patience)
            found = token.signer_among(keys, needs_alg=needs_alg)
            if found is None:
                renewed = document.renew(fetch, lacking=keys, patience=conversation.patience)
                found = token.signer_among(renewed or (), needs_alg=needs_alg)
        except RequestFailed as error:
            raise ProviderUserUnavailable(f"keys: {error.reason}") from error
        if found is None:
            raise ProviderUserUnavailable("ID token: signature")
        return found

    def _key_set(self, provider: Provider, url: str) -> SharedDocument[KeySet]:
        known_url, document = self._keys.get(provider.id, ("", None))
        if document is None or known_url != url:
            document = SharedDocument(clock=self._clock)
            self._keys[provider.id] = url, document
        return document
