"""The table ``saml_idp_initiated_requests``, Hanko's: responses that nobody here has asked for."""

from datetime import datetime
from uuid import uuid4

from hanko_compat.storage.engine.deletion import Old
from hanko_compat.storage.models import SamlIdpInitiatedRequest


def create(*, response_id: str, issuer: str, expires_at: datetime, now: datetime) -> None:
    """Store that a response was taken.

    Raises:
        IntegrityError: it was taken before.
    """
    SamlIdpInitiatedRequest.insert(
        id=uuid4(), response_id=response_id, issuer=issuer, expires_at=expires_at, created_at=now
    ).execute()


def expired(*, before: datetime) -> Old:
    """Responses that nobody would take any more since a moment."""
    table = SamlIdpInitiatedRequest
    return Old(table, table.expires_at < before, (table.expires_at,))
