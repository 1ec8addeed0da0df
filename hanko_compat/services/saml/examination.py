"""What an operator has to know of a SAML identity provider before anybody logs in with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from hanko_compat.config.third_party import IdentityProvider
from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.errors.saml import SamlMetadataInvalid
from hanko_compat.services.saml.identity_providers import Fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminedIdp:
    """What was found out. Dates are in UTC.

    ``silence`` says why there are no metadata, ``fault`` why they can't be used; "" for neither.
    ``certificate_ends_at`` is the end of the certificate that lasts longest.
    """

    entity_id: str = ""
    silence: str = ""
    fault: str = ""
    certificate_ends_at: datetime | None = None
    valid_until: datetime | None = None


def examine(settings: IdentityProvider, *, fetch: Fetch) -> ExaminedIdp:
    """Fetch the metadata of an identity provider, and read them as a log-in does."""
    try:
        metadata = fetch(settings.metadata_url)
    except RequestFailed as error:
        return ExaminedIdp(silence=error.reason)
    except SamlMetadataInvalid as error:
        return ExaminedIdp(fault=error.reason)
    return ExaminedIdp(
        entity_id=metadata.entity_id,
        certificate_ends_at=last_end(metadata.certificates),
        valid_until=metadata.valid_until,
    )


def last_end(certificates: Iterable[str]) -> datetime | None:
    """When the last of *certificates* (PEM) ends; None where no date can be read."""
    ends = []
    for each in certificates:
        try:
            ends.append(x509.load_pem_x509_certificate(each.encode()).not_valid_after_utc)
        except ValueError:
            continue
    return max(ends, default=None)
