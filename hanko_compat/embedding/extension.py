"""What a Flask application uses: the extension, the current session, and views that need one."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, current_app
from werkzeug.local import LocalProxy
from werkzeug.routing import Rule

from hanko_compat.embedding.configuration import Source, read
from hanko_compat.embedding.mount import Mount, is_at
from hanko_compat.embedding.process import EmbeddedApp
from hanko_compat.embedding.sessions import HostSessions
from hanko_compat.services.sessions.live import SessionInfo

EXTENSION = "hanko_compat"
"""The key of ``app.extensions``, and what names of endpoints begin with."""
CONFIG_KEY = "HANKO_COMPAT_CONFIG"
PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")
DOTS = re.compile(r"/\.{1,2}(?=/|$)")

View = TypeVar("View", bound=Callable[..., Any])


class HankoCompat:
    """Serves Hanko's Public API below a prefix of a Flask application.

    One instance may serve several applications (`init_app`), and one application may have several instances,
    each with its own prefix, database and name of the session cookie.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        config: Source = None,
        url_prefix: str = "/auth",
        backend_door: bool = False,
        delivery: bool = True,
        dev: bool = False,
    ) -> None:
        """Take what applications have in common; see `init_app`.

        *config* is a file, a mapping in the form of the file, or a `Config`. Without it the application's
        ``HANKO_COMPAT_CONFIG`` counts, and else the file that ``hanko-compat serve`` takes. *backend_door*
        serves ``/v2`` below the prefix, too. Without *delivery* mails and webhooks are left to `hanko-compat
        worker`. *dev* is ``serve --dev``: a secret in ``./var``, cookies for http, mails at ``/dev/mailbox``.

        Raises:
            ConfigError: the configuration is wrong; with every problem at once.
            ValueError: the prefix is none.
        """
        self._config = config
        self._url_prefix = checked(url_prefix)
        self._backend_door = backend_door
        self._delivery = delivery
        self._dev = dev
        self._embedded: list[EmbeddedApp] = []
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask, *, config: Source = None, url_prefix: str | None = None) -> None:
        """Serve below the prefix of *app*. Nothing is connected before the first request.

        Raises:
            ConfigError: the configuration is wrong; with every problem at once.
            ValueError: the prefix is none, or another instance has it.
        """
        prefix = self._url_prefix if url_prefix is None else checked(url_prefix)
        mounted: dict[HankoCompat, tuple[str, HostSessions]] = app.extensions.setdefault(EXTENSION, {})
        for taken, _ in mounted.values():
            if is_at(prefix, taken) or is_at(taken, prefix):
                raise ValueError(
                    f"{prefix} and {taken} overlap: give each HankoCompat a url_prefix of its own"
                )
        if self in mounted:
            raise ValueError("this HankoCompat serves the application already: make another instance")
        source = next(
            (each for each in (config, self._config) if each is not None), app.config.get(CONFIG_KEY)
        )
        settings = read(source, dev=self._dev, backend_door=self._backend_door)
        embedded = EmbeddedApp(settings, backend_door=self._backend_door, delivery=self._delivery)
        self._embedded.append(embedded)
        name = f"{EXTENSION}{len(mounted) + 1}" if mounted else EXTENSION
        mounted[self] = prefix, HostSessions(embedded)
        for rule in embedded.app.url_map.iter_rules():
            # For url_for("hanko_compat.public.users.me") and `flask routes`; requests never get there.
            endpoint = f"{name}.{rule.endpoint}"
            app.url_map.add(
                Rule(prefix + rule.rule, endpoint=endpoint, methods=rule.methods, build_only=True)
            )
        app.wsgi_app = Mount(app.wsgi_app, embedded, prefix=prefix)  # type: ignore[method-assign]

    @property
    def current_session(self) -> SessionInfo | None:
        """The session of the current request, if this instance has begun one."""
        return self._sessions().find()

    def session_required(self, view: View) -> View:
        """Let only requests with a session of this instance's reach *view*; see the function of that name."""
        return _requiring(view, self._sessions)

    def close(self) -> None:
        """End the threads and close the connections of this process, after deliveries that are under way.

        The end of the process does it, too. A request that comes later begins anew.
        """
        for each in self._embedded:
            each.close()

    def _sessions(self) -> HostSessions:
        try:
            _, sessions = current_app.extensions[EXTENSION][self]
        except KeyError:
            raise LookupError("call init_app of this HankoCompat with the application first") from None
        return cast(HostSessions, sessions)


def session_required(view: View) -> View:
    """Let only requests with a session reach *view*; it counts as a use of the session.

    Without one the application's own handler of 401 answers (`werkzeug.exceptions.Unauthorized`); that of 403
    where another site makes the browser send what would change something; and that of 503 while the database
    does not answer.
    """
    return _requiring(view, _only_sessions)


def checked(url_prefix: str) -> str:
    """The prefix, if it is one.

    Raises:
        ValueError: it is none; the text says what one looks like.
    """
    if not PREFIX.fullmatch(url_prefix) or DOTS.search(url_prefix):
        raise ValueError(
            f"url_prefix: {url_prefix!r} is no path such as '/auth'. For a whole host run hanko-compat serve"
        )
    return url_prefix


def _requiring(view: View, sessions: Callable[[], HostSessions]) -> View:
    @wraps(view)
    def with_session(*args: Any, **kwargs: Any) -> Any:
        sessions().require()
        return current_app.ensure_sync(view)(*args, **kwargs)

    return cast(View, with_session)


def _only_sessions() -> HostSessions:
    """Those of the application's one extension."""
    mounted = list(current_app.extensions.get(EXTENSION, {}).values())
    if len(mounted) != 1:
        remedy = "call HankoCompat(app) first" if not mounted else "name one, as in staff.current_session"
        # No RuntimeError, which the proxy would take for "no session" where only its truth is asked for.
        raise LookupError(f"the application has {len(mounted)} of HankoCompat: {remedy}")
    [(_, sessions)] = mounted
    return cast(HostSessions, sessions)


current_session = cast(SessionInfo, LocalProxy(lambda: _only_sessions().find()))
"""The session of the current request. Without one it is false; ``current_session.user_id`` is whose it is."""
