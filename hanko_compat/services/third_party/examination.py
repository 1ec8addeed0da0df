"""What an operator has to know of a provider before anybody logs in with it: does it answer, and as whom."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from hanko_compat.clock import Clock
from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client.client import Client, Response
from hanko_compat.oauth.provider import Provider
from hanko_compat.special_purpose import Networks

METADATA = "/.well-known/openid-configuration"
"""Where metadata are, below the issuer (OpenID Connect Discovery 1.0 s. 4)."""
NEEDED = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")
REDIRECTS = 3
MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What was found out about a provider.

    ``silence`` says why it does not answer, ``fault`` why nobody can log in with it as it is; "" for neither.
    ``skew`` is how far its clock is ahead of ours, None where it does not tell the time.
    """

    place: str
    silence: str = ""
    fault: str = ""
    has_pkce: bool = False
    skew: timedelta | None = None


class ProviderExamination:
    """Asks providers for what they tell everybody. No secret is sent."""

    def __init__(self, *, timeout: float, networks: Networks, now: Clock) -> None:
        """Each provider may take *timeout* seconds; *networks* may be asked although they are not public."""
        self._timeout = timeout
        self._networks = networks
        self._now = now

    def examine(self, provider: Provider) -> Examined:
        """Read the metadata of *provider*; of one without, see whether its token endpoint is there."""
        if provider.endpoints is not None:
            return self._reach(provider.endpoints.token, provider, has_pkce=provider.endpoints.has_pkce)
        url = provider.issuer.rstrip("/") + METADATA
        try:
            answer = self._get(url, provider.private_hosts)
            if answer.status != 200:
                return Examined(place=url, silence=f"status {answer.status}")
            metadata = answer.json()
        except RequestFailed as error:
            return Examined(place=url, silence=error.reason)
        fault = fault_of(metadata, issuers=provider.issuers)
        has_pkce = not fault and "S256" in (metadata.get("code_challenge_methods_supported") or ())
        return Examined(place=url, fault=fault, has_pkce=has_pkce, skew=self._skew(answer))

    def _reach(self, url: str, provider: Provider, *, has_pkce: bool) -> Examined:
        try:
            answer = self._get(url, provider.private_hosts)
        except RequestFailed as error:
            return Examined(place=url, silence=error.reason)
        return Examined(place=url, has_pkce=has_pkce, skew=self._skew(answer))

    def _get(self, url: str, private_hosts: Collection[str]) -> Response:
        client = Client(
            timeout=self._timeout,
            networks=self._networks,
            private_hosts=private_hosts,
            max_bytes=MAX_BYTES,
        )
        return client.get(url, {"Accept": "application/json"}, redirects=REDIRECTS)

    def _skew(self, answer: Response) -> timedelta | None:
        """How far the clock in ``Date`` (RFC 9110 s. 6.6.1) is ahead."""
        try:
            return parsedate_to_datetime(answer.headers.get("date", "")) - self._now()
        except (ValueError, TypeError):  # no date; one without a time zone
            return None


def fault_of(metadata: Any, *, issuers: Collection[str]) -> str:
    """What is wrong with *metadata* of a provider that should be one of *issuers*; "" for nothing.

    OpenID Connect Discovery 1.0 s. 4.3: the issuer has to be the very one that was asked.
    """
    if not isinstance(metadata, Mapping):
        return "its metadata are no JSON object"
    issuer = metadata.get("issuer")
    if issuer not in issuers:
        return f"it says that it is {issuer!r}, and not {', '.join(map(repr, issuers))}"
    lacking = [name for name in NEEDED if not isinstance(metadata.get(name), str)]
    return f"its metadata lack {', '.join(lacking)}" if lacking else ""
