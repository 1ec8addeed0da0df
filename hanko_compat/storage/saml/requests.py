"""The table ``hanko_compat_saml_requests``."""

from datetime import datetime

from hanko_compat.storage.engine.deletion import Old
from hanko_compat.storage.models import SamlRequest


def create(
    id_: str, *, browser_hash: str, request_id: str, domain: str, redirect_to: str, expires_at: datetime
) -> None:
    """Write a request."""
    SamlRequest.insert(
        id=id_,
        browser_hash=browser_hash,
        request_id=request_id,
        domain=domain,
        redirect_to=redirect_to,
        expires_at=expires_at,
    ).execute()


def find(id_: str) -> SamlRequest | None:
    """The request; None where there is none, or its response was taken."""
    found: SamlRequest | None = SamlRequest.get_or_none(SamlRequest.id == id_)
    return found


def consume(id_: str) -> bool:
    """Delete a request, whose response is there; exactly one caller gets True."""
    return SamlRequest.delete().where(SamlRequest.id == id_).execute() == 1


def expired(*, before: datetime) -> Old:
    """Requests that expired before a moment."""
    return Old(SamlRequest, SamlRequest.expires_at < before, (SamlRequest.expires_at,))
