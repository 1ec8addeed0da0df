"""One application of ours in each process that serves it: made ready by the first request."""

import atexit
import logging
import os
import time
import weakref
from threading import Lock

from flask import Flask

from hanko_compat.app import create_app, services_of
from hanko_compat.config import Config
from hanko_compat.errors import OperatorError
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.errors.embedding import NotReady
from hanko_compat.services import clock_skew
from hanko_compat.wiring import build
from hanko_compat.wiring.start import prepare

logger = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds after a failed start until the next request tries again."""
RETRY_AFTER = 1
"""The same, as callers are told."""
PATIENCE = 5.0
"""Seconds that the end of a process waits for deliveries that are under way."""


class EmbeddedApp:
    """The application below one prefix of another one.

    Nothing is connected and no thread is there before `ready`, so it survives a fork. After a fork that comes
    later, the child gets an application of its own.
    """

    def __init__(self, config: Config, *, backend_door: bool, delivery: bool) -> None:
        """Without *delivery* mails and webhooks are left to ``hanko-compat worker``."""
        self.config = config
        self._backend_door = backend_door
        self._delivery = delivery
        self._lock = Lock()
        self._app = self._build()
        self._is_used = False
        self._ready: Flask | None = None
        self._retry_at = 0.0
        self._inherited: list[Flask] = []
        _all.add(self)

    @property
    def app(self) -> Flask:
        """The application, ready or not."""
        return self._app

    def ready(self) -> Flask:
        """The application, ready to serve in this process.

        Raises:
            NotReady: it can't serve, for now.
        """
        app = self._ready
        if app is not None:
            return app
        with self._lock:
            if self._ready is None:
                self._ready = self._started()
            return self._ready

    def close(self) -> None:
        """End the threads and close the connections of this process; a later request begins anew."""
        with self._lock:
            if self._ready is not None:
                services = services_of(self._ready)
                services.clean_up.schedule.stop(patience=PATIENCE)
                services.delivery.threads.stop(patience=PATIENCE)
                if services.saml:
                    services.saml.thread.stop(patience=PATIENCE)
                services.database.close_all()
            self._ready = None

    def begin_anew(self) -> None:
        """In the child of a fork: what the parent has used is the parent's, locks and threads included."""
        if self._is_used:
            # Kept, as the end of its connections would say good-bye to the server in the parent's name.
            self._inherited.append(self._app)
        self._lock = Lock()
        self._ready = None
        self._retry_at = 0.0

    def _build(self) -> Flask:
        services = build(self.config)
        return create_app(self.config, services=services, backend_door=self._backend_door)

    def _started(self) -> Flask:
        if time.monotonic() < self._retry_at:
            raise NotReady
        if self._is_used:
            self._app = self._build()
        self._is_used = True
        services = services_of(self._app)
        try:
            prepare(services)
            clock_skew.require_tolerable(services.database, now=services.now)
        except (OperatorError, DatabaseUnavailable, OSError) as error:
            self._retry_at, self._is_used = time.monotonic() + PAUSE, False
            cause = error.__cause__ if isinstance(error, DatabaseUnavailable) and not error.fault else None
            reason = str(cause or error)
            logger.error("not_ready", extra={"reason": reason})  # noqa: TRY400 - an operator's mistake, no bug
            raise NotReady from error
        finally:
            services.database.close_all()
        if self._delivery:
            services.delivery.threads.start()
            services.clean_up.schedule.start()
        if services.saml:
            services.saml.thread.start()
        return self._app


_all: weakref.WeakSet[EmbeddedApp] = weakref.WeakSet()


def _begin_anew() -> None:
    for each in _all:
        each.begin_anew()


def _close() -> None:
    for each in list(_all):
        each.close()


os.register_at_fork(after_in_child=_begin_anew)
# After the one of the pool of connections is registered, and so before that.
atexit.register(_close)
