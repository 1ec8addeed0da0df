"""Who may call the backend door, by ``hanko_compat.backend_api.project_id``."""

from hanko_compat.services.api_secrets import ApiSecrets
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.parts import Parts


def build_api_secrets(parts: Parts) -> ApiSecrets:
    """The secrets of the project."""
    project_id = parts.config.hanko_compat.backend_api.project_id
    return ApiSecrets(parts.get(build_database), project_id=project_id, now=parts.now)
