"""Notices of guessing, by ``hanko_compat.mail.guessing_notice`` and ``hanko_compat.mail.language``."""

from hanko_compat.services.guessing_notices import GuessingNotices
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.delivery import build_mails
from hanko_compat.wiring.device_cookies import build_device_links
from hanko_compat.wiring.parts import Parts


def build_guessing_notices(parts: Parts) -> GuessingNotices:
    """What mails the owners of accounts that strangers guess at."""
    settings = parts.config.hanko_compat.mail
    return GuessingNotices(
        parts.get(build_database),
        mails=parts.get(build_mails),
        links=parts.get(build_device_links),
        is_enabled=settings.guessing_notice,
        language=settings.language,
    )
