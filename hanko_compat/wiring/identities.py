"""Users of other providers, by ``account.allow_signup`` and ``email.*``."""

from hanko_compat.services.identities.addresses import NewAddresses
from hanko_compat.services.identities.entries import IdentityEntries
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.delivery import build_mails
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.first_proof import build_first_proof
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.tokens import build_tokens


def build_identities(parts: Parts) -> IdentityEntries:
    """What lets them in."""
    config, first_proof = parts.config, parts.get(build_first_proof)
    addresses = NewAddresses(
        first_proof=first_proof,
        mails=parts.get(build_mails),
        max_emails=config.email.limit,
        now=parts.now,
    )
    return IdentityEntries(
        parts.get(build_database),
        first_proof=first_proof,
        addresses=addresses,
        tokens=parts.get(build_tokens),
        events=parts.get(build_events),
        allow_sign_up=config.account.allow_signup,
        max_address_length=config.email.max_length,
        now=parts.now,
    )
