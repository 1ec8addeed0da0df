"""A provider, as far as its client has to know it: where it is asked, who asks, and how it differs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from hanko_compat.oauth.conversation import Conversation

Claims = dict[str, Any]
"""What a provider tells of somebody, named as in OpenID Connect Core s. 5.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where a provider is asked (OpenID Connect Discovery 1.0 s. 3); "" for what it does not have.

    ``has_pkce`` says whether it takes code challenges with S256 (RFC 7636), ``sends_issuer`` whether all that
    it answers has ``iss`` (RFC 9207).
    """

    authorization: str
    token: str
    userinfo: str = ""
    keys: str = ""
    has_pkce: bool = False
    sends_issuer: bool = False


class Nonce(Enum):
    """What a provider does with the parameter ``nonce``."""

    REPEATED = "repeated"
    """It stands in the ID token."""
    DECLARED = "declared"
    """The ID token says whether it could be repeated: Apple's ``nonce_supported``."""
    UNKNOWN = "unknown"
    """It does not come back, so none is sent; one that comes all the same is not ours."""


@dataclass(frozen=True, slots=True)
class Access:
    """What user data is asked with: the access token, as ``Authorization`` has it."""

    conversation: Conversation = field(repr=False)
    endpoints: Endpoints
    token: str = field(repr=False)
    authorization: str = field(repr=False)
    secret: str = field(repr=False)

    def get(self, url: str) -> Any:
        """Get JSON that belongs to the user.

        Raises:
            RequestFailed: no answer with status 200 that is JSON.
        """
        return self.conversation.get_json(url, authorization=self.authorization)


FetchClaims = Callable[[Access], Claims]
"""Asks a provider who has logged in. It raises RequestFailed, and ProviderUserUnavailable."""
ReadIdToken = Callable[[Claims], Claims]
"""Makes the claims of a user of those of a verified ID token. It raises ProviderUserUnavailable."""
IsIssuer = Callable[[Claims, str | None], bool]
"""Whether the issuer in the claims of an ID token is the provider, where it is no fixed text.

The second argument is the member ``issuer`` of the key that has signed it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How a provider differs from others, whoever is registered there.

    The user is asked for with ``fetch``, or stands in the ID token, which ``read_id_token`` reads. Without
    ``keys_need_alg`` a key may be used with every algorithm of its type. ``parameters`` are added to the
    authorization request.
    """

    fetch: FetchClaims | None = None
    read_id_token: ReadIdToken | None = None
    is_issuer: IsIssuer | None = None
    keys_need_alg: bool = False
    nonce: Nonce = Nonce.REPEATED
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A registration at a provider, built-in or custom.

    ``id`` is as in the table ``identities``: ``google``, ``custom_stub``. Without ``endpoints`` they are
    discovered at ``issuer``. ``issuers`` are those that an ID token may name; with none any may.
    ``attribute_mapping`` says for names of claims under which name this provider has them. ``private_hosts``
    may be in private networks, as the operator has named them.
    """

    id: str
    display_name: str
    client_id: str
    secret: str = field(repr=False)
    scopes: tuple[str, ...]
    allow_linking: bool
    kind: Kind
    endpoints: Endpoints | None = None
    issuer: str = ""
    issuers: tuple[str, ...] = ()
    prompt: str = ""
    acr_values: tuple[str, ...] = ()
    attribute_mapping: Mapping[str, str] = field(default_factory=dict)
    private_hosts: frozenset[str] = frozenset()

    @property
    def sends_nonce(self) -> bool:
        """Whether an ID token is to be expected, and repeats the nonce."""
        return self.kind.nonce is not Nonce.UNKNOWN and (
            "openid" in self.scopes or self.kind.read_id_token is not None
        )
