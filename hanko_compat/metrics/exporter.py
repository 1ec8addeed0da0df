"""Serves the numbers of all workers at ``/metrics``, on an address of its own, from a process of its own.

The workers write their counts to files in one directory; this process adds them up when it is asked. It is
neither a thread of gunicorn's master, which forks and must therefore have none, nor a worker, whose restarts
would interrupt it. It ends when the last process that could count has ended, however that happened: they hold
the other end of its standard input.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    generate_latest,
    multiprocess,
    values,
)

from hanko_compat.errors import OperatorError
from hanko_compat.listening import open_socket
from hanko_compat.metrics.counters import Metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
BACKLOG = 16
STOP_TIMEOUT = 5  # seconds
REQUEST_TIMEOUT = 10  # seconds; a scraper that says nothing is cut off


class Exporter:
    """The exporter's process and the directory of counts, seen from the server that started it."""

    def __init__(self, bind: str) -> None:
        """Listen on *bind* (``host:port``) and make an empty directory; call it before `Metrics` are made.

        Raises:
            OperatorError: the address can't be had.
        """
        self._socket = _listening_socket(bind)
        self.directory = use_directory()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process. gunicorn's hook ``when_ready`` is the place, before any worker is forked."""
        descriptor = self._socket.fileno()
        options = ["--directory", str(self.directory), "--descriptor", str(descriptor)]
        # A session of its own: Ctrl-C at the terminal is for the server, which then stops this process.
        self._process = subprocess.Popen(  # noqa: S603 - every word is ours
            [sys.executable, "-m", __name__, *options],
            stdin=subprocess.PIPE,
            pass_fds=[descriptor],
            start_new_session=True,
        )

    def forget(self, process_id: int) -> None:
        """Drop what only a living worker has; its counts stay. gunicorn's ``child_exit`` is the place."""
        multiprocess.mark_process_dead(process_id, str(self.directory))  # type: ignore[no-untyped-call]

    def stop(self) -> None:
        """End the process and remove the directory. gunicorn's hook ``on_exit`` is the place."""
        self._socket.close()
        if self._process is not None:
            self._process.terminate()
            self._process.communicate(timeout=STOP_TIMEOUT)
        shutil.rmtree(self.directory, ignore_errors=True)


def expose(metrics: Metrics, *, bind: str) -> None:
    """Serve the *metrics* of this process at ``host:port``, by a thread; for a process that has no children.

    Raises:
        OperatorError: the address can't be had.
    """
    server = Server(_listening_socket(bind), lambda: generate_latest(metrics.registry))
    Thread(target=server.serve_forever, daemon=True).start()


def _listening_socket(bind: str) -> socket.socket:
    try:
        return open_socket(bind, backlog=BACKLOG)
    except OSError as error:
        raise OperatorError(
            f"metrics can't be served at {bind}: {error.strerror or error}; choose an address of this host"
            " that is free, by hanko_compat.metrics.bind or, for a worker, by --metrics"
        ) from error


def use_directory() -> Path:
    """Make an empty directory, where this process and its children keep their counts from now on."""
    directory = Path(tempfile.mkdtemp(prefix="hanko-compat-metrics-"))
    os.environ[DIRECTORY_VARIABLE] = str(directory)
    # The library looks for the variable when it is imported, which was long ago.
    values.ValueClass = _one_of_each(values.MultiProcessValue())  # type: ignore[no-untyped-call]
    return directory


def _one_of_each(make_value: Callable[..., Any]) -> Callable[..., Any]:
    """Make each value once: two of one name would overwrite each other's count in the file of the process.

    So the counts of several applications in one process add up, as those of several processes do.
    """
    known: dict[Any, Any] = {}
    turn = Lock()

    def find_or_make(*facts: Any, **options: Any) -> Any:
        key = (facts, tuple(sorted(options.items())))
        with turn:
            if key not in known:
                known[key] = make_value(*facts, **options)
            return known[key]

    return find_or_make


def render(directory: str) -> bytes:
    """Add up the counts in *directory*, in Prometheus' text format 0.0.4."""
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, path=directory)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


class Server(ThreadingMixIn, WSGIServer):
    """A small HTTP server on a socket that somebody else opened."""

    daemon_threads = True

    def __init__(self, listening: socket.socket, render: Callable[[], bytes]) -> None:
        """*render* gives the numbers, in Prometheus' text format 0.0.4."""
        super().__init__(("", 0), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.server_name, self.server_port = self.socket.getsockname()[:2]
        self.setup_environ()
        self._render = render
        self.set_app(self._answer)

    def _answer(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["RAW_URI"].partition("?")[0] != "/metrics":
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"/metrics is what there is\n"]
        start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
        return [self._render()]


class Handler(WSGIRequestHandler):
    """Answers one connection, without a log line."""

    timeout = REQUEST_TIMEOUT

    def get_environ(self) -> "WSGIEnvironment":
        """Add the target as it was written, for a proxy in front may have rules for paths."""
        return super().get_environ() | {"RAW_URI": self.requestline.split()[1]}

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is http.server's
        """Say nothing: a scrape every few seconds is no news."""


def main() -> None:
    """Serve until standard input ends; then the directory is not needed any more."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", required=True)
    parser.add_argument("--descriptor", type=int, required=True)
    options = parser.parse_args()
    server = Server(socket.socket(fileno=options.descriptor), lambda: render(options.directory))
    Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.buffer.read()
    shutil.rmtree(options.directory, ignore_errors=True)


if __name__ == "__main__":
    main()
