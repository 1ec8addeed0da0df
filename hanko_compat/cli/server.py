"""gunicorn, embedded: builds the application before the fork, and again when HUP asks for it.

Slow clients: gunicorn's threaded worker gives a connection five seconds to send its first byte before it frees the
thread, but a client that trickles a body holds a thread. That is what the reverse proxy in front is for
(``deploy/``): it reads whole requests first.
"""

import functools
import gc
import logging
import os
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from hanko_compat import wiring
from hanko_compat.app import create_app
from hanko_compat.cli.settings import Settings
from hanko_compat.config import Config, ConfigError
from hanko_compat.errors import DatabaseUnavailable, OperatorError
from hanko_compat.storage import migrate

logger = logging.getLogger(__name__)

MAX_DEFAULT_WORKERS = 8  # a worker takes some 100 MB
DEFAULT_THREADS = 8
FAILURES = (ConfigError, OperatorError, DatabaseUnavailable, OSError)


def build(config: Config) -> Flask:
    """The application, ready to fork: schema and signing keys are there, and no connection is open.

    Raises:
        SchemaBehind: on a database server; SQLite is migrated here.
        SchemaUnsupported: a database that can't be shared.
        SigningKeyUnreadable: no configured secret decrypts a key.
        DatabaseUnavailable: the database does not answer.
    """
    services = wiring.build(config)
    try:
        if services.database.dialect == "sqlite":
            migrate.up(services.database)
        migrate.require_current(services.database)
        services.keys.ensure()
    finally:
        services.database.close_all()
    return create_app(config, services=services)


class Reloadable:
    """The application of the last configuration that was right."""

    def __init__(self, read: Callable[[], Config]) -> None:
        self.read = read
        self.config = read()
        self.application = build(self.config)

    def rebuild(self) -> Flask:
        """Read the configuration again and build its application; where that fails, log why and keep the old one."""
        try:
            config = self.read()
            self.application = build(config)
            self.config = config
        except FAILURES as error:
            logger.error("reload_refused", extra={"reason": str(error)})  # noqa: TRY400  the text says it all
            # The refused configuration may have opened another database already: bind the old one again.
            self.application = create_app(self.config, services=wiring.build(self.config))
        return self.application


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn without its own command line and configuration file."""

    def __init__(self, reloadable: Reloadable, options: dict[str, Any]) -> None:
        self.reloadable = reloadable
        self.options = options
        super().__init__(prog="hanko-compat")

    def load_config(self) -> None:
        """Hand the settings to gunicorn."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application that workers serve."""
        return self.reloadable.application

    def reload(self) -> None:
        """On HUP, before new workers replace the old ones. Address and numbers stay as they were at the start."""
        self.do_load_config()
        self.callable = self.reloadable.rebuild()


def gunicorn_options(config: Config, *, bind: str | None, workers: int | None, threads: int | None) -> dict[str, Any]:
    """The settings of gunicorn that ``serve`` and ``gunicorn.conf.py`` have in common."""
    return {
        "bind": listen_address(bind or config.server.public.address),
        "workers": workers or default_workers(),
        "threads": threads or DEFAULT_THREADS,
        "worker_class": "gthread",
        "preload_app": True,
        "timeout": 60,  # seconds without a heartbeat of the worker's main loop; requests may take longer
        "graceful_timeout": 30,
        "keepalive": 75,  # longer than nginx keeps idle connections (60), so that nginx closes first
        "limit_request_line": 8190,
        "limit_request_fields": 100,
        "limit_request_field_size": 8190,
        # Forwarding headers are judged by the application, by hanko_compat.trusted_proxies.
        "forwarded_allow_ips": "",
        "secure_scheme_headers": {},
        "accesslog": None,  # the application writes its own
        "control_socket_disable": True,
        "proc_name": "hanko-compat",
        "pre_fork": pre_fork,
    }


def pre_fork(_arbiter: Arbiter, _worker: object) -> None:
    """Move what exists out of the collector's sight, so that workers go on sharing these pages."""
    gc.collect()
    gc.freeze()


def default_workers() -> int:
    """One per CPU that this process may use, up to a limit that keeps memory in bounds."""
    return min(len(os.sched_getaffinity(0)), MAX_DEFAULT_WORKERS)


def listen_address(address: str) -> str:
    """*address* in gunicorn's form: ``:8000`` means all interfaces, as in Hanko's configuration."""
    return f"0.0.0.0{address}" if address.startswith(":") else address


@functools.cache
def reloadable_from_environment() -> Reloadable:
    """The application for other WSGI servers, from ``$HANKO_CONFIG`` or ``./config.yaml``; built once a process."""
    try:
        return Reloadable(Settings().read)
    except FAILURES as error:
        raise SystemExit(str(error)) from error


@functools.cache
def options_from_environment() -> dict[str, Any]:
    """gunicorn's settings for ``gunicorn.conf.py``, as they are at the start."""
    return gunicorn_options(Settings().load(), bind=None, workers=None, threads=None)
