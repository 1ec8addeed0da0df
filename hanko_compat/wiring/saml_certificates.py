"""The certificates of the SAML service provider, in the name of ``service.name``."""

from hanko_compat.clock import Clock
from hanko_compat.services.saml.certificates import CertificateStatus, SamlCertificates
from hanko_compat.storage.engine.database import Database
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.parts import Parts


def build_certificates(parts: Parts) -> SamlCertificates:
    """The certificates; none is read or made yet."""
    return SamlCertificates(parts.get(build_database), service_name=parts.config.service.name, now=parts.now)


def certificate_status(database: Database, *, now: Clock) -> CertificateStatus | None:
    """When the last certificate ends; None where there is none yet. Makes none."""
    return SamlCertificates(database, service_name="", now=now).status()
