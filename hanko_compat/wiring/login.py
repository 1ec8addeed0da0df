"""What every log-in shares, by ``mfa.*``."""

from hanko_compat.services.login.second_factor import SecondFactor
from hanko_compat.wiring.parts import Parts


def build_second_factor(parts: Parts) -> SecondFactor:
    """Whether one factor is enough."""
    return SecondFactor(is_enabled=parts.config.mfa.enabled)
