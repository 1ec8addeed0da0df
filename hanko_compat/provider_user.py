"""Somebody as a provider of identities describes them: what OAuth, OpenID Connect and SAML have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderUser:
    """Who has logged in at a provider (claims: OpenID Connect Core s. 5.1).

    ``provider_id`` and ``subject`` name the account for ever, as in the table ``identities``: for SAML the
    first is the issuer of the assertion. ``email`` is as the provider writes it; None where it tells none.
    ``is_email_verified`` is what the provider vouches for, after the rules of that provider. ``claims`` is
    what ``identities.data`` holds: the known claims that are not empty, the others below ``custom_claims``.
    """

    provider_id: str
    subject: str
    email: str | None = None
    is_email_verified: bool = False
    name: str = ""
    given_name: str = ""
    family_name: str = ""
    picture: str = ""
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
