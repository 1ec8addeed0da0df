"""Refuses what another site makes a browser do with its user's session cookie.

A bearer token is not sent by a browser on its own, so requests without the cookie pass; so do requests
without ``Origin``, which no browser leaves out of a cross-origin POST (Fetch standard s. 3.1).
"""

from flask import Request
from werkzeug.exceptions import Forbidden

from hanko_compat.config import Config
from hanko_compat.config.origins import as_browsers_write, origin_of
from hanko_compat.web.origins import Origins

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110 s. 9.2.1


class OriginGuard:
    """Decides which origins may use the session cookie to change something."""

    def __init__(
        self,
        config: Config,
        *,
        exempt: frozenset[str] = frozenset(),
        without_session: frozenset[str] = frozenset(),
    ) -> None:
        """*exempt* paths take posts from other sites by design, and check these themselves.

        Those *without_session* change something of the browser's without it: they are guarded always.
        """
        cors = config.server.public.cors
        own = map(as_browsers_write, config.webauthn.relying_party.origins)
        self._origins = Origins(
            cors.allow_origins,
            exact=(*own, *_origin_of(config.hanko_compat.public_url)),
            allow_any=cors.unsafe_wildcard_origin_allowed,
        )
        self._cookie_name = config.session.cookie.name
        self._exempt = exempt
        self._without_session = without_session

    def check(self, request: Request) -> None:
        """Let *request* pass.

        Raises:
            Forbidden: it would change something, with the session cookie or where none is needed, and comes
                from a foreign origin.
        """
        origin = request.environ.get("HTTP_ORIGIN")
        if origin is None or request.method in SAFE_METHODS or self._origins.match(origin):
            return
        if request.path in self._exempt:
            return
        if self._cookie_name not in request.cookies and request.path not in self._without_session:
            return
        # A browser sets this one itself (Fetch Metadata s. 2.3); our own pages need no public URL configured.
        if request.environ.get("HTTP_SEC_FETCH_SITE") != "same-origin":
            raise Forbidden("the request comes from a foreign origin")


def _origin_of(url: str | None) -> tuple[str, ...]:
    return (origin_of(url),) if url else ()
