"""What every log-in shares, by ``mfa.*``."""

from hanko_compat.services.login.finish import Login
from hanko_compat.services.login.second_factor import SecondFactor
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.first_proof import build_first_proof
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.sessions import build_session_issuer, build_session_tokens


def build_second_factor(parts: Parts) -> SecondFactor:
    """Whether one factor is enough."""
    return SecondFactor(is_enabled=parts.config.mfa.enabled)


def build_login(parts: Parts) -> Login:
    """The end of every log-in."""
    return Login(
        parts.get(build_database),
        sessions=parts.get(build_session_issuer),
        server_tokens=parts.get(build_session_tokens),
        first_proof=parts.get(build_first_proof),
        second_factor=parts.get(build_second_factor),
        events=parts.get(build_events),
    )
