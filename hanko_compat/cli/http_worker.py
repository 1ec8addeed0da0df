"""gunicorn's worker with threads, for callers who take their time.

gunicorn gives a connection a thread as soon as its first byte is there. Here a request takes one when all of
it is there: until then the main loop collects it, and that is also where connections wait for their callers
to close them. So nobody holds a thread by sending slowly, whether there is a proxy in front or not.

The application also answers what is refused before it gets to it: gunicorn's own answer is a page in HTML,
which no script of another origin may read.
"""

import io
import logging
import select
import socket
import time
from collections import deque
from contextlib import suppress
from functools import partial
from itertools import islice
from operator import itemgetter
from selectors import EVENT_READ
from typing import Any

from gunicorn.http import errors
from gunicorn.http.wsgi import Response, default_environ
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, ThreadWorker

from hanko_compat.cli.http_answer import AnswerSocket
from hanko_compat.cli.http_arrival import Arrival
from hanko_compat.cli.http_head import Parser, RequestTooSlow
from hanko_compat.cli.http_waiting import Waiting
from hanko_compat.web import header_lines, refused_head

logger = logging.getLogger(__name__)

STATUSES = {
    RequestTooSlow: 408,
    errors.ExpectationFailed: 417,
    errors.ForbiddenProxyRequest: 403,
    errors.LimitRequestHeaders: 431,
    errors.LimitRequestLine: 414,
    errors.UnsupportedTransferCoding: 501,
}
"""As gunicorn answers them; all others are 400."""

# Unlike Hanko 2.7.0: it waits for as long as it takes.
PATIENCE = 20.0  # seconds from the first byte of a request to its last
FAREWELL = 2.0  # seconds for a caller to close a connection, too (RFC 9112 s. 9.6)
PART = 64 * 1024  # bytes that are read at a time
PLACES = 10  # connections that are kept free for new ones
MOST_WAITING = 32 * 1024 * 1024  # bytes that requests may take that have not arrived yet
SIGN_OF_LIFE = 1.0  # seconds between two of them; fewer where the patience for a worker without them is short
SIGNS = 4  # in that patience
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """The ``worker_class`` of ``serve`` and ``gunicorn.conf.py``. With TLS it is gunicorn's own."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Hand everything to gunicorn."""
        super().__init__(*arguments, **options)
        self._arriving = Waiting(patience=PATIENCE)
        self._leaving = Waiting(patience=FAREWELL)
        self._next_sign = 0.0

    def init_process(self) -> None:
        """Run until the worker ends."""
        look_up_once(self.cfg)
        super().init_process()

    # In the main loop

    def notify(self) -> None:
        """Give a sign of life, if the last one is some time ago: the loop turns twice for each request."""
        now = time.monotonic()
        if now >= self._next_sign:
            self._next_sign = now + min(SIGN_OF_LIFE, self.timeout / SIGNS)
            super().notify()

    def enqueue_req(self, conn: Any) -> None:
        """Wait for a whole request, then give it a thread."""
        if not isinstance(conn.client, tuple):
            conn.client = ""  # a Unix socket, whose peer may give itself any name, that of a proxy too
        if self.cfg.is_ssl:
            super().enqueue_req(conn)
            return
        if conn.parser is not None and not has_room(conn.sock):
            self._drop(conn)  # its caller asks on and on, and reads no answer
            return
        if conn.parser is None:
            conn.sock = AnswerSocket.of(conn.sock)
        conn.arrival = Arrival()
        conn.sock.setblocking(False)
        behind = conn.parser.unreader.take_buffered() if conn.parser else b""
        if behind:
            conn.arrival.add(behind)
        self._receive(conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Keep the connection for its next request, or close it while its caller may still be sending."""
        if self.cfg.is_ssl or fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
            return
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self._leaving.add(conn, self.poller, self._take_leave)
        except (OSError, ValueError, KeyError):
            self._drop(conn)

    def murder_pending(self) -> None:
        """Wait no longer for those whose time is up, nor for idle ones where others need their places."""
        super().murder_pending()
        while self.nr_conns > self.worker_connections - PLACES and self._make_room():
            pass
        for conn in self._arriving.overdue():
            self._refuse(conn)
        for conn in self._leaving.overdue():
            self._drop(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """When the worker stops, let nobody who sends nothing delay it."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def _receive(self, conn: Any) -> None:
        """Read what there is; it may be all of a request, a part or nothing."""
        arrival = conn.arrival
        try:
            if not arrival.is_whole:
                with suppress(BlockingIOError):  # what there is was sent behind the request before
                    arrival.add(conn.sock.recv(PART))
            if arrival.expects_continue():
                conn.sock.send(CONTINUE)
        except BlockingIOError:
            pass
        except OSError:
            self._drop(conn)
            return
        if arrival.is_whole:
            self._serve(conn)
            return
        if conn not in self._arriving:
            self._wait(conn)
        if arrival.size > PART and sum(map(size, self._arriving)) > MOST_WAITING:
            self._refuse(max(self._arriving, key=size))

    def _wait(self, conn: Any) -> None:
        try:
            if conn.arrival.is_empty:
                # Nobody waits for a request that has not begun: it is closed without an answer.
                patience = self.cfg.keepalive if self.alive else STOP_KEEPALIVE_LINGER
                conn.timeout = time.monotonic() + patience
                self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))
                self.pending_conns.append(conn)
            else:
                self._arriving.add(conn, self.poller, self._receive)
        except (OSError, ValueError, KeyError):
            self._drop(conn)

    def _refuse(self, conn: Any) -> None:
        conn.arrival.give_up()
        self._serve(conn)

    def _serve(self, conn: Any) -> None:
        self._arriving.remove(conn, self.poller)
        if not conn.arrival.head:
            self._drop(conn)  # its caller has closed it
            return
        conn.data_ready = True
        conn.parser = Parser(self.cfg, conn.arrival, conn.client)
        super().enqueue_req(conn)

    def _take_leave(self, conn: Any) -> None:
        """Read what a caller still sends, so that no reset overtakes the answer."""
        try:
            if conn.sock.recv(PART):
                return
        except BlockingIOError:
            return
        except OSError:
            logger.debug("caller_gone", exc_info=True)
        self._drop(conn)

    def _make_room(self) -> bool:
        """Part with whoever has let us wait for longest; False where that takes a thread."""
        if self._leaving:
            self._drop(next(iter(self._leaving)))
            return True
        waiting = [(queue[0].timeout - self.cfg.keepalive, queue[0]) for queue in self._idle() if queue]
        waiting += [(self._arriving.since(conn), conn) for conn in islice(self._arriving, 1)]
        if not waiting:
            return False
        _, conn = min(waiting, key=itemgetter(0))
        if conn in self._arriving:
            self._refuse(conn)
            return False
        self._drop(conn)
        return True

    def _idle(self) -> tuple[deque[Any], deque[Any]]:
        return self.pending_conns, self.keepalived_conns

    def _drop(self, conn: Any) -> None:
        """Close a connection at once, wherever it waits."""
        for waiting in (self._arriving, self._leaving):
            waiting.remove(conn, self.poller)
        for idle in self._idle():
            if conn in idle:
                idle.remove(conn)
                self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

    # In a thread

    def handle(self, conn: Any) -> Any:
        """Serve what has arrived, and keep what was sent behind it."""
        result = super().handle(conn)
        if self.cfg.is_ssl:
            return result
        return bool(result) and conn.parser.keep_what_is_behind()

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a caller who reads the answer."""
        if self.cfg.is_ssl:
            return super().handle_request(req, conn)
        try:
            conn.sock.hold_head()
            result = super().handle_request(req, conn)
            conn.sock.release_head()
        except TimeoutError:
            logger.info("answer_not_read")
            return False
        finally:
            conn.sock.drop_head()
        return result

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Let the application answer a head that was refused; gunicorn answers all else."""
        received: bytes | None = getattr(exc, "head", None)
        if received is None:
            super().handle_error(req, client, addr, exc)
            return
        # Not the text: it quotes the head, which may have a secret in it.
        logger.info("request_refused", extra={"reason": type(exc).__name__})
        try:
            head = refused_head.read(received)
            self._answer(head, client, addr, status=STATUSES.get(type(exc), 400))
        except OSError:
            logger.debug("refused_caller_gone", exc_info=True)

    def _answer(
        self, head: refused_head.RefusedHead, client: socket.socket, addr: Any, *, status: int
    ) -> None:
        stand_in = StandIn(head)
        response = Response(stand_in, client, self.cfg)
        environ = self._environ(stand_in, head, client, addr) | {refused_head.STATUS: status}
        chunks = self.wsgi(environ, response.start_response)
        try:
            for chunk in chunks:
                response.write(chunk)
            response.close()
        finally:
            chunks.close()

    def _environ(
        self, stand_in: "StandIn", head: refused_head.RefusedHead, client: socket.socket, addr: Any
    ) -> dict[str, Any]:
        environ: dict[str, Any] = default_environ(stand_in, client, self.cfg)
        name = client.getsockname()
        host, port = name[:2] if isinstance(name, tuple) else (name, "")
        environ |= {
            "PATH_INFO": head.target,
            "REMOTE_ADDR": addr[0] if isinstance(addr, tuple) else "",
            "SCRIPT_NAME": "",
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "wsgi.multithread": True,
            "wsgi.url_scheme": "http",
        }
        for header, value in header_lines.join(head.headers):
            key = f"HTTP_{header.replace('-', '_')}"
            environ[key] = f"{environ[key]},{value}" if key in environ else value
        return environ


class StandIn:
    """Stands for a request that was refused where gunicorn writes the answer."""

    version = (1, 1)
    query = ""

    def __init__(self, head: refused_head.RefusedHead) -> None:
        """Take what is known."""
        self.method = head.method
        self.uri = head.target
        self.body = io.BytesIO()

    def should_close(self) -> bool:
        """Where the next request would begin is unknown."""
        return True


def look_up_once(settings: Any) -> None:
    """Make gunicorn's *settings* attributes: each of some thirty in a request would be looked up by its name.

    Nothing changes them in a worker: new ones come with new workers.
    """
    kind = type(settings)
    settings.__dict__ |= {
        name: setting.get() for name, setting in settings.settings.items() if not hasattr(kind, name)
    }


def size(conn: Any) -> int:
    """The bytes of memory that an unfinished request takes."""
    return int(conn.arrival.size)


def has_room(connection: socket.socket) -> bool:
    """Whether the kernel would take an answer at once."""
    poller = select.poll()
    poller.register(connection, select.POLLOUT)
    return bool(poller.poll(0))
