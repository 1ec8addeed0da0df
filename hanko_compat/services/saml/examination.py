"""What an operator has to know of a SAML identity provider before anybody logs in with it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from hanko_compat.clock import Clock
from hanko_compat.config.third_party import IdentityProvider
from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.errors.saml import SamlMetadataInvalid
from hanko_compat.services.saml.metadata_source import Found

Look = Callable[[str], Found]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminedIdp:
    """What was found out. Dates are in UTC.

    ``silence`` says why there are no metadata, ``fault`` why they can't be used; "" for neither.
    ``certificate_ends_at`` is the end of the certificate that lasts longest. ``skew`` is how far the clock is
    ahead of ours, None where it does not tell the time.
    """

    entity_id: str = ""
    silence: str = ""
    fault: str = ""
    certificate_ends_at: datetime | None = None
    valid_until: datetime | None = None
    skew: timedelta | None = None


def examine(settings: IdentityProvider, *, look: Look, now: Clock) -> ExaminedIdp:
    """Fetch the metadata of an identity provider, and read them as a log-in does."""
    try:
        found = look(settings.metadata_url)
    except RequestFailed as error:
        return ExaminedIdp(silence=error.reason)
    except SamlMetadataInvalid as error:
        return ExaminedIdp(fault=error.reason)
    metadata = found.metadata
    return ExaminedIdp(
        entity_id=metadata.entity_id,
        certificate_ends_at=last_end(metadata.certificates),
        valid_until=metadata.valid_until,
        skew=None if found.told_at is None else found.told_at - now(),
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
