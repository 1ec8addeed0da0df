"""An identity provider, as its metadata describe it."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class IdpMetadata:
    """What a service provider has to know of an identity provider (metadata s. 2.4).

    ``sso_url`` takes requests by the HTTP-Redirect binding. ``certificates`` (PEM) are those that may sign;
    their dates do not count, as usual in SAML: the metadata vouch for them. ``valid_until`` (aware, UTC) and
    ``cache_duration`` say how long the document may be used, and kept before it is fetched again.
    """

    entity_id: str
    sso_url: str
    certificates: tuple[str, ...]
    wants_signed_requests: bool = False
    valid_until: datetime | None = None
    cache_duration: timedelta | None = None
