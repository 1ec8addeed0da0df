"""gunicorn's worker with threads, which lets the application answer what it refuses itself.

gunicorn's own answer to a head that is too long or malformed is a page in HTML, which no script of another
origin may read. It also closes connections in a way that lets one caller delay all others.
"""

import io
import logging
import socket
from typing import Any

from gunicorn.http import errors
from gunicorn.http.wsgi import Response, default_environ
from gunicorn.workers.gthread import ThreadWorker

from hanko_compat.cli.http_head import HeadTooSlow, Parser
from hanko_compat.web import header_lines, refused_head

logger = logging.getLogger(__name__)

STATUSES = {
    HeadTooSlow: 408,
    errors.ExpectationFailed: 417,
    errors.ForbiddenProxyRequest: 403,
    errors.LimitRequestHeaders: 431,
    errors.LimitRequestLine: 414,
    errors.UnsupportedTransferCoding: 501,
}
"""As gunicorn answers them; all others are 400."""

ARRIVED = 64 * 1024  # bytes that may have arrived behind those which were enough to refuse a request


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """The ``worker_class`` of ``serve`` and ``gunicorn.conf.py``."""

    def handle(self, conn: Any) -> Any:
        """Serve a connection by our parser. With TLS gunicorn makes its own, after the handshake."""
        if conn.parser is None and not self.cfg.is_ssl:
            conn.parser = Parser(self.cfg, conn.sock, conn.client)
        result = super().handle(conn)
        if not result:
            _close(conn)
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
            head = refused_head.read(received + _arrived(client))
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


def _close(conn: Any) -> None:
    """Close a connection while only this thread waits for the caller to close it, too.

    gunicorn does so in the loop that accepts connections, so that others would wait as well.
    """
    conn.close(graceful=True)
    conn.close = _do_nothing


def _do_nothing(*, graceful: bool = False) -> None:
    """What is left of closing a connection that is closed."""


def _arrived(client: socket.socket) -> bytes:
    """What is there without waiting: an ``Origin`` may stand behind what was too long."""
    try:
        return client.recv(ARRIVED, socket.MSG_DONTWAIT)
    except OSError:
        return b""
