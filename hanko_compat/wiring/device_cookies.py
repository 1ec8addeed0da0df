"""Device cookies, by ``secrets.keys``."""

from hanko_compat.services.device_cookies import DeviceCookies
from hanko_compat.wiring.parts import Parts


def build_device_cookies(parts: Parts) -> DeviceCookies:
    """What makes and reads device cookies."""
    return DeviceCookies(secrets=parts.config.secrets.keys, now=parts.now)
