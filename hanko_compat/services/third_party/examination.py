"""What an operator has to know of a provider before anybody logs in with it: does it answer, and as whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hanko_compat.clock import Clock
from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.errors.third_party import ProviderUnavailable
from hanko_compat.http_client.client import Client, Response
from hanko_compat.oauth.discovery import metadata_url, read_endpoints
from hanko_compat.oauth.provider import Provider
from hanko_compat.special_purpose import Networks

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
        url = metadata_url(provider.issuer)
        try:
            answer = self._get(url, provider.private_hosts)
            if answer.status != 200:
                return Examined(place=url, silence=f"status {answer.status}")
            metadata = answer.json()
        except RequestFailed as error:
            return Examined(place=url, silence=error.reason)
        try:
            endpoints = read_endpoints(metadata, issuer=provider.issuer)
        except ProviderUnavailable as error:
            return Examined(place=url, fault=_of_issuer(metadata, provider.issuer) or error.reason)
        fault = "" if endpoints.userinfo else "metadata without userinfo_endpoint"
        return Examined(place=url, fault=fault, has_pkce=endpoints.has_pkce, skew=self._skew(answer))

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
        told_at = answer.told_at
        return None if told_at is None else told_at - self._now()


def _of_issuer(metadata: Any, issuer: str) -> str:
    """Whose *metadata* are, where they are not of *issuer* (OpenID Connect Discovery 1.0 s. 4.3); "" else."""
    other = metadata.get("issuer") if isinstance(metadata, dict) else issuer
    if other == issuer:
        return ""
    told = f"it says that it is {other!r}, and not {issuer!r}"
    return f"{told}: its issuer in the configuration has to be the same"
