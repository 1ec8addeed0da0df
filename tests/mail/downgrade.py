"""Somebody on the way to a mail server, who removes its offer of TLS (RFC 3207 s. 6)."""

import socket
from contextlib import suppress
from threading import Thread

OFFER = b"STARTTLS"
SPOILT = b"XXXXXXXX"


class Downgrade:
    """Passes everything on, and spoils the offer while ``is_on``; ``seen`` is all that went by."""

    def __init__(self, port: int) -> None:
        self.is_on = True
        self.seen = b""
        self._behind = port

    def __enter__(self) -> "Downgrade":
        self._listening = socket.create_server(("127.0.0.1", 0))
        Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # A close alone would leave the thread in accept.
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    @property
    def port(self) -> int:
        return int(self._listening.getsockname()[1])

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._behind))
                for source, target in ((client, server), (server, client)):
                    Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self.seen += data
                target.sendall(data.replace(OFFER, SPOILT) if self.is_on else data)
        # Of the two threads of a connection the first to end tells both sides.
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
