"""gunicorn, embedded: builds the application before the fork, and again when HUP asks for it.

Slow clients hold no thread: see `hanko_compat.cli.http_worker`.
"""

import functools
import gc
import logging
import os
import signal
from collections.abc import Callable
from typing import Any
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from hanko_compat import listening, logs, wiring
from hanko_compat.app import create_app, services_of
from hanko_compat.cli.announcement import announce
from hanko_compat.cli.http_worker import Worker
from hanko_compat.cli.settings import Settings
from hanko_compat.config import Config
from hanko_compat.cpus import usable_cpus
from hanko_compat.errors import OperatorError
from hanko_compat.errors.config import ConfigError
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.listening import joined, require_free
from hanko_compat.metrics.exporter import Exporter
from hanko_compat.services import clock_skew
from hanko_compat.web import header_lines
from hanko_compat.wiring.start import prepare

logger = logging.getLogger(__name__)

MAX_DEFAULT_WORKERS = 8  # a worker takes up to 100 MB
DEFAULT_THREADS = 8
PATIENCE = 5.0  # seconds that a worker waits for deliveries that are under way before it ends
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
SOCKETS = {"LISTEN_FDS", "GUNICORN_FD"}
"""Variables by which systemd, or the gunicorn that this one replaces, hands over sockets that listen."""
BIND = "--bind or server.public.address"
"""Where to choose another address."""
FAILURES = (ConfigError, OperatorError, DatabaseUnavailable, OSError)


class Reloadable:
    """The application of the last configuration that was right."""

    def __init__(self, read: Callable[[], Config], *, workers: int | None = None) -> None:
        """Build the application of the configuration that *read* returns, for so many processes if known.

        Raises:
            ConfigError: the configuration is wrong.
            OperatorError: schema, rights, signing keys or clock are not as they have to be.
            DatabaseUnavailable: the database does not answer.
        """
        self._read = read
        self._workers = workers
        self.application = build(read(), workers=workers)

    def rebuild(self) -> WSGIApplication:
        """Build the application of the present configuration; if that fails, log why and keep the old one."""
        try:
            self.application = build(self._read(), workers=self._workers)
        except FAILURES as error:
            logger.error("reload_refused", extra={"reason": str(error)})  # noqa: TRY400 - an operator's mistake, no bug
        else:
            logger.info("reloaded")
        return self.application


def build(config: Config, *, workers: int | None = None) -> WSGIApplication:
    """Build an application, ready to fork: what it needs is there, the clock is right, nothing is open."""
    services = wiring.build(config, workers=workers)
    prepare(services)
    try:
        clock_skew.require_tolerable(services.database, now=services.now)
    finally:
        services.database.close_all()
    return create_app(config, services=services)


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn without its own command line and configuration file."""

    def __init__(self, reloadable: Reloadable, options: dict[str, Any]) -> None:
        self._reloadable = reloadable
        self._options = options
        super().__init__(prog="hanko-compat")

    def load_config(self) -> None:
        """Hand the settings to gunicorn."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        """Return the application that workers serve."""
        return self._reloadable.application

    def reload(self) -> None:
        """On HUP, before new workers replace the old ones. Address and numbers stay as they were."""
        self.do_load_config()
        self.callable = self._reloadable.rebuild()


class Log(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's messages, written as all other log lines."""

    def setup(self, cfg: Any) -> None:
        """Set up at the start and again on each HUP."""
        super().setup(cfg)
        logs.adopt("gunicorn.error", "gunicorn.access")


def gunicorn_options(
    config: Config,
    *,
    bind: str | None = None,
    workers: int | None = None,
    threads: int | None = None,
    delivery: bool = True,
) -> dict[str, Any]:
    """The settings of ``serve`` and ``gunicorn.conf.py``, to be made before the first `build`.

    Without *delivery* mails and webhooks are left to ``hanko-compat worker``.
    """
    options: dict[str, Any] = {
        "bind": addresses(config, bind=bind),
        "workers": workers or default_workers(),
        "threads": threads or DEFAULT_THREADS,
        "worker_class": Worker,
        "preload_app": True,
        "timeout": 60,  # seconds without a sign of life from a worker's main loop; a request may take longer
        "graceful_timeout": 30,
        "worker_connections": 500,  # of each worker; idle ones make room for new ones
        "keepalive": 75,  # longer than the 60 seconds of most proxies, so that they close first
        # Unlike Hanko 2.7.0: limits beside that of the whole, which the worker has. 8190 is gunicorn's most.
        "limit_request_line": 8190,
        "limit_request_fields": 100,
        # A browser sends all its cookies in one line: 16 kB of them, and what else stands in it.
        "limit_request_field_size": 17 * 1024,
        # Forwarding headers are the application's business, by hanko_compat.trusted_proxies.
        "forwarded_allow_ips": "",
        "forwarder_headers": "",  # gunicorn takes SCRIPT_NAME from whoever connects to a Unix socket
        "umask": 0o117,  # of a Unix socket: mode 0660
        "secure_scheme_headers": {},
        "accesslog": None,  # the application writes its own
        "logger_class": Log,
        "control_socket_disable": True,
        "proc_name": "hanko-compat",
        "pre_fork": pre_fork,
        "pre_request": join_header_lines,
        "post_worker_init": start_threads,
    }
    if delivery:
        options |= {"post_worker_init": start_delivery, "worker_exit": stop_delivery}

    def start(_arbiter: Arbiter) -> None:
        os.register_at_fork(before=hold_signals, after_in_parent=accept_signals)
        announce(config, options)

    options["when_ready"] = start
    if config.hanko_compat.metrics.bind:
        options |= metrics_hooks(Exporter(config.hanko_compat.metrics.bind), options["when_ready"])
    return options


def hold_signals() -> None:
    """Keep signals waiting over a fork: a worker forgets one that comes before it has set its handlers."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)


def accept_signals(_worker: object = None) -> None:
    """Take the signals that came meanwhile, and all further ones."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def pre_fork(_arbiter: Arbiter, _worker: object) -> None:
    """Move what exists out of the garbage collector's sight, so that workers go on sharing these pages."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def join_header_lines(_worker: object, request: Any) -> None:
    """Let a second line of a header count as in the original."""
    request.headers = header_lines.join(request.headers)


def start_threads(worker: Any) -> None:
    """Start a worker's threads: after the fork, which no thread survives."""
    services = services_of(worker.wsgi)
    if services.saml:
        services.saml.thread.start()
    if services.config.hanko_compat.metrics.bind:
        services.measuring.start()
    accept_signals()  # last, so that the threads leave signals to the main one


def start_delivery(worker: Any) -> None:
    """Start a worker's threads, with those that deliver mails and webhooks, and that clean up."""
    services = services_of(worker.wsgi)
    services.delivery.threads.start()
    services.clean_up.schedule.start()
    start_threads(worker)


def stop_delivery(_arbiter: Arbiter, worker: Any) -> None:
    """Let a mail or webhook that is under way arrive before the worker ends."""
    if worker.wsgi is not None:  # it failed before it had loaded the application
        services = services_of(worker.wsgi)
        services.clean_up.schedule.stop(patience=PATIENCE)
        services.delivery.threads.stop(patience=PATIENCE)


def metrics_hooks(exporter: Exporter, when_ready: Callable[[Arbiter], None]) -> dict[str, Any]:
    """What gunicorn has to tell the *exporter* of metrics; *when_ready* is what it does already."""

    def start(arbiter: Arbiter) -> None:
        exporter.start()
        when_ready(arbiter)

    return {
        "when_ready": start,
        "child_exit": lambda _arbiter, worker: exporter.forget(worker.pid),
        "on_exit": lambda _arbiter: exporter.stop(),
    }


def default_workers() -> int:
    """One per CPU that this process may use, up to a limit that keeps memory in bounds."""
    return min(usable_cpus(), MAX_DEFAULT_WORKERS)


def addresses(config: Config, *, bind: str | None = None) -> list[str]:
    """Where to listen: the public address, and the backend door's where it has one of its own."""
    public = listening.binds(bind or config.server.public.address)
    servers = config.hanko_compat.backend_api.bind
    return [*public, *(listening.binds(servers) if servers else ())]


@functools.cache
def options_from_environment(*, delivery: bool = True) -> dict[str, Any]:
    """The settings for ``gunicorn.conf.py``, as they are at the start; see `gunicorn_options`.

    Computed once: a HUP executes that file again, and must survive a broken configuration.
    """
    logs.configure()
    options = gunicorn_options(Settings().load(), delivery=delivery)
    return {**options, "on_starting": require_free_addresses, "on_reload": rebuild_application}


def require_free_addresses(arbiter: Arbiter) -> None:
    """End with one line where gunicorn would try for five seconds to listen on an address that is taken.

    Not where it is given sockets that listen, or shares its addresses with others (``--reuse-port``).
    """
    addresses = arbiter.cfg.address
    is_given = SOCKETS & os.environ.keys() or any(isinstance(each, int) for each in addresses)
    if is_given or arbiter.cfg.reuse_port:
        return
    try:
        require_free([joined(*each) for each in addresses if isinstance(each, tuple)], setting=BIND)
    except OperatorError as error:
        if arbiter.pidfile is not None:
            arbiter.pidfile.unlink()
        raise SystemExit(str(error)) from error


def rebuild_application(arbiter: Arbiter) -> None:
    """Build the application from the new configuration: gunicorn by itself keeps a preloaded one."""
    arbiter.app.callable = application_from_environment().rebuild()


@functools.cache
def application_from_environment() -> Reloadable:
    """The application for other WSGI servers, by ``$HANKO_CONFIG`` or ``./config.yaml``; one per process."""
    try:
        return Reloadable(Settings().read)
    except FAILURES as error:
        raise SystemExit(f"hanko-compat does not start:\n{error}") from error
