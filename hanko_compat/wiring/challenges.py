"""One-time challenges of the backend door, by ``hanko_compat.backend_api.*``."""

from hanko_compat.services.challenges import Challenges
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.delivery import build_mails, build_sms
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.first_proof import build_first_proof
from hanko_compat.wiring.guesses import build_guesses
from hanko_compat.wiring.hashing import build_hasher
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.rate_limits import build_rate_limits


def build_challenges(parts: Parts) -> Challenges:
    """What sends codes and links, and checks them."""
    return Challenges(
        parts.get(build_database),
        events=parts.get(build_events),
        first_proof=parts.get(build_first_proof),
        hasher=parts.get(build_hasher),
        rate_limits=parts.get(build_rate_limits),
        guesses=parts.get(build_guesses),
        mails=parts.get(build_mails),
        sms=parts.get(build_sms),
        link_url=parts.config.hanko_compat.backend_api.email_link_url,
        now=parts.now,
    )
