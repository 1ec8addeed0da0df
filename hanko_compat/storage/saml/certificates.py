"""The table ``saml_certificates``: the certificates of the service provider, with their encrypted keys."""

from datetime import datetime
from uuid import UUID

from hanko_compat.storage.models import SamlCertificate


def list_certificates() -> list[SamlCertificate]:
    """Every certificate, the oldest first."""
    return list(SamlCertificate.select().order_by(SamlCertificate.created_at, SamlCertificate.id))


def create(*, id: UUID, cert_data: str, cert_key: str, encryption_key: str, now: datetime) -> None:  # noqa: A002
    """Add a certificate under an id that the caller chose; of several hosts with one id the first succeeds.

    Raises:
        IntegrityError: there is one of this id.
    """
    SamlCertificate.insert(
        id=id,
        cert_data=cert_data,
        cert_key=cert_key,
        encryption_key=encryption_key,
        created_at=now,
        updated_at=now,
    ).execute()
