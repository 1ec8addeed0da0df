"""First proofs of addresses."""

from hanko_compat.services.first_proof import FirstProof
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.parts import Parts


def build_first_proof(parts: Parts) -> FirstProof:
    """What removes the log-ins of before."""
    return FirstProof(parts.get(build_database), events=parts.get(build_events), now=parts.now)
