"""Fetches the metadata of an identity provider from where the operator says."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from urllib.parse import urljoin, urlsplit

from hanko_compat.config.third_party import Providers
from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.errors.saml import SamlMetadataInvalid
from hanko_compat.http_client.client import REDIRECTS, Client, Response
from hanko_compat.saml.identity_provider import IdpMetadata
from hanko_compat.saml.idp_metadata import MAX_BYTES

ANYWHERE = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))
TIMEOUT = 5.0  # seconds, for what the operator names and again for where that leads
MOST_REDIRECTS = 3
ACCEPT = {"Accept": "application/samlmetadata+xml, application/xml;q=0.9, */*;q=0.5"}

CUSTOM = "custom_"
BUILT_IN = frozenset(field.name for field in fields(Providers))
"""How accounts at third parties are told apart from those of SAML: by the provider's ID, in one column."""

Parse = Callable[[bytes], IdpMetadata]


@dataclass(frozen=True, slots=True)
class Found:
    """Metadata, and the time by the clock of the server that has them; None where it does not tell."""

    metadata: IdpMetadata
    told_at: datetime | None = None


class MetadataSource:
    """Fetches and reads metadata. Threads may share it.

    The operator's own URL may lead anywhere, as identity providers stand in private networks, too. Where its
    server redirects to has to be public: that server is somebody else's word.
    """

    def __init__(self, parse: Parse, *, timeout: float = TIMEOUT) -> None:
        """*parse* raises SamlMetadataInvalid; *timeout* is in seconds."""
        self._parse = parse
        self._own = Client(timeout=timeout, networks=ANYWHERE, max_bytes=MAX_BYTES)
        self._public = Client(timeout=timeout, max_bytes=MAX_BYTES)

    def fetch(self, url: str) -> IdpMetadata:
        """The metadata at *url*; for errors see `look`."""
        return self.look(url).metadata

    def look(self, url: str) -> Found:
        """The metadata at *url*, and what time it is there.

        Raises:
            RequestFailed: no answer that can be used, or none in time.
            SamlMetadataInvalid: what came are no metadata of one identity provider.
        """
        response = self._own.get(url, ACCEPT)
        if response.status in REDIRECTS and "location" in response.headers:
            response = self._follow(url, response)
        if response.status != 200:
            raise RequestFailed(f"status {response.status}")
        metadata = self._parse(response.body)
        if _is_reserved(metadata.entity_id):
            raise SamlMetadataInvalid("its entityID is what a provider of another kind is called")
        return Found(metadata, response.told_at)

    def _follow(self, url: str, response: Response) -> Response:
        try:
            new = urljoin(url, response.headers["location"])
            is_downgrade = urlsplit(url).scheme == "https" and urlsplit(new).scheme != "https"
        except ValueError as error:
            raise RequestFailed("a redirect to no URL") from error
        if is_downgrade:
            raise RequestFailed("a redirect from https to http")
        return self._public.get(new, ACCEPT, redirects=MOST_REDIRECTS - 1)


def _is_reserved(entity_id: str) -> bool:
    name = entity_id.lower()
    return name in BUILT_IN or name.startswith(CUSTOM)
