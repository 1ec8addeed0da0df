"""Device cookies and links that give them, by ``secrets.keys`` and ``hanko_compat.public_url``."""

from hanko_compat.services.account_epochs import AccountEpochs
from hanko_compat.services.device_cookies import DeviceCookies
from hanko_compat.services.device_links import DeviceLinks
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.parts import Parts


def build_device_cookies(parts: Parts) -> DeviceCookies:
    """What makes and reads device cookies."""
    return DeviceCookies(
        secrets=parts.config.secrets.keys,
        find_epoch=AccountEpochs(parts.get(build_database)).find,
        now=parts.now,
    )


def build_device_links(parts: Parts) -> DeviceLinks:
    """What makes the links to such a cookie, and uses them up."""
    config = parts.config
    return DeviceLinks(
        parts.get(build_database),
        secrets=config.secrets.keys,
        find_epoch=AccountEpochs(parts.get(build_database)).find,
        public_url=config.hanko_compat.public_url,
        now=parts.now,
    )
