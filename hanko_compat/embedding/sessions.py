"""The session of a request in a view of another application."""

from flask import request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, HTTPException, ServiceUnavailable, Unauthorized

from hanko_compat.app import services_of
from hanko_compat.embedding.process import RETRY_AFTER, EmbeddedApp
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.errors.embedding import NotReady
from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.public.session import find_session
from hanko_compat.services.sessions.live import SessionInfo
from hanko_compat.web.origin_guard import OriginGuard

FOUND = "hanko_compat.sessions"
"""The key of a WSGI environment that has what was found, so that a request is looked at once."""


class HostSessions:
    """Finds sessions that an embedded application has begun."""

    def __init__(self, embedded: EmbeddedApp) -> None:
        self._embedded = embedded
        self._guard = OriginGuard(embedded.config)

    def find(self) -> SessionInfo | None:
        """The session of the current request; None without one, or where another site has it sent.

        Raises:
            ServiceUnavailable: the database does not answer, so nobody knows.
        """
        found = self._look()
        return None if isinstance(found, HTTPException) else found

    def require(self) -> SessionInfo:
        """The session of the current request. To ask for it counts as a use of the session.

        Raises:
            Unauthorized: there is none.
            Forbidden: the request would change something, and another site makes the browser send it.
            ServiceUnavailable: the database does not answer, so nobody knows.
        """
        found = self._look()
        if isinstance(found, HTTPException):
            raise found
        return found

    def _look(self) -> SessionInfo | HTTPException:
        known: dict[HostSessions, SessionInfo | HTTPException] = request.environ.setdefault(FOUND, {})
        if self not in known:
            known[self] = self._checked()
        return known[self]

    def _checked(self) -> SessionInfo | HTTPException:
        try:
            self._guard.check(request)
            services = services_of(self._embedded.ready())
            cookie_name = self._embedded.config.session.cookie.name
            return find_session(services.sessions.live.authenticate, cookie_name=cookie_name)
        except Forbidden as error:
            return error
        except SessionInvalid:
            return Unauthorized(www_authenticate=WWWAuthenticate("bearer"))
        except (NotReady, DatabaseUnavailable) as error:
            raise ServiceUnavailable(retry_after=RETRY_AFTER) from error
