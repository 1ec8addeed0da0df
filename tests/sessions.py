"""Sessions without a log-in over HTTP."""

from uuid import UUID

from hanko_compat.client import Client
from hanko_compat.services.login.finish import Proof
from hanko_compat.services.sessions.issuing import IssuedSession
from hanko_compat.services.sessions.live import SessionInfo
from hanko_compat.wiring import Services
from hanko_compat.wiring.login import build_login
from tests.calls import CALLER


def issue_session(services: Services, user_id: UUID, *, client: Client = CALLER) -> IssuedSession:
    """Log a user in, as after a proof that is enough."""
    proof = Proof(user_id=user_id, is_enough=True, use_up=lambda: None)
    return services.get(build_login).finish(proof, client=client, is_for_browser=False).session


def signed_in(services: Services, user_id: UUID) -> SessionInfo:
    """A new session of a user, as a view gets it."""
    return services.sessions.live.inspect(issue_session(services, user_id).token)
