"""Signing keys, by ``secrets.keys`` and ``hanko_compat.jwk.*``."""

from hanko_compat.services.keys.keys import Keys
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.parts import Parts


def build_keys(parts: Parts) -> Keys:
    """The signing keys."""
    config = parts.config
    return Keys(
        parts.get(build_database),
        secrets=config.secrets.keys,
        algorithm=config.hanko_compat.jwk.algorithm,
        now=parts.now,
    )
