"""Browsers that become known, where ``rate_limiter.enabled`` is on."""

from hanko_compat.services.known_devices import KnownDevices
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.device_cookies import build_device_cookies
from hanko_compat.wiring.guesses import build_guesses
from hanko_compat.wiring.parts import Parts


def build_known_devices(parts: Parts) -> KnownDevices:
    """What makes browsers known."""
    return KnownDevices(
        parts.get(build_database),
        cookies=parts.get(build_device_cookies),
        guesses=parts.get(build_guesses),
        is_enabled=parts.config.rate_limiter.enabled,
    )
