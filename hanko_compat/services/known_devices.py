"""Browsers that become known to an account, for limits to tell them from strangers."""

import logging
from uuid import UUID

from hanko_compat.client import Client
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.services.device_cookies import DeviceCookies
from hanko_compat.services.rate_limits.guesses import Guesses
from hanko_compat.storage.engine.database import Database, DatabaseError
from hanko_compat.storage.sessions import sessions

logger = logging.getLogger(__name__)


class KnownDevices:
    """Makes browsers known. Threads may share it."""

    def __init__(
        self, database: Database, *, cookies: DeviceCookies, guesses: Guesses, is_enabled: bool
    ) -> None:
        """Without *is_enabled* there are no limits, and so nobody is made known."""
        self._database = database
        self._cookies = cookies
        self._guesses = guesses
        self._is_enabled = is_enabled

    def remember(self, user_id: UUID, client: Client, *, session_id: UUID | None = None) -> str | None:
        """The new device cookie of a browser, and its wrong guesses are forgotten; None where it gets none.

        *session_id* is the session with which it has earned that, unless it was by a link. The log-in has
        succeeded: it does not fail with this.
        """
        if not self._is_enabled:
            return None
        try:
            self._guesses.free(user_id, client)
            cookie = self._cookies.issue(user_id, client)
            # Looked up after that: a new password and a first proof end the session in the transaction in
            # which they end cookies. So either the session is gone by now, or this cookie ends with them.
            return cookie if session_id is None or self._is_live(session_id) else None
        except (DatabaseError, DatabaseUnavailable):
            logger.warning("device_not_remembered", extra={"user_id": user_id}, exc_info=True)
            return None

    def _is_live(self, session_id: UUID) -> bool:
        with self._database.connection():
            return sessions.find_use(session_id) is not None
