"""The table ``saml_states``, Hanko's: log-ins that were under way there. Nothing here writes it."""

from datetime import datetime

from hanko_compat.storage.engine.deletion import Old
from hanko_compat.storage.models import SamlState


def expired(*, before: datetime) -> Old:
    """States that expired before a moment."""
    return Old(SamlState, SamlState.expires_at < before, (SamlState.expires_at,))
