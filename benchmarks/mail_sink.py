"""A mail server that takes everything and keeps a number: real SMTP (RFC 5321), at next to no cost."""

import asyncio
from threading import Condition, Thread

READY = b"220 sink\r\n"
CAPABILITIES = b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
OK, GO_AHEAD, GOOD_BYE = b"250 OK\r\n", b"354 go ahead\r\n", b"221 bye\r\n"
END_OF_MAIL = b"\r\n.\r\n"


class MailSink:
    """The server, in a thread of its own."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._received = 0
        self._changed = Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="mail-sink", daemon=True)

    @property
    def received(self) -> int:
        """How many mails have come."""
        return self._received

    def __enter__(self) -> "MailSink":
        listening = self._loop.create_server(lambda: Conversation(self), "127.0.0.1", self.port)
        self._server = self._loop.run_until_complete(listening)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop)
        self._thread.join()
        self._loop.close()

    def take(self) -> None:
        """Count a mail."""
        with self._changed:
            self._received += 1
            self._changed.notify_all()

    def wait_for(self, number: int, *, patience: float) -> None:
        """Return when so many mails have come; RuntimeError after *patience* seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._received >= number, patience):
                raise RuntimeError(f"{self._received} mails came instead of {number}")

    def _stop(self) -> None:
        self._server.close()
        self._loop.stop()


class Conversation(asyncio.Protocol):
    """What is said on one connection."""

    def __init__(self, sink: MailSink) -> None:
        self._sink = sink
        self._heard = b""
        self._takes_mail = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(READY)

    def data_received(self, data: bytes) -> None:
        """Answer each line, and each mail at its end."""
        self._heard += data
        while True:
            end = END_OF_MAIL if self._takes_mail else b"\r\n"
            said, found, rest = self._heard.partition(end)
            if not found:
                return
            self._heard = rest
            self._transport.write(self._taken() if self._takes_mail else self._answer(said[:4].upper()))

    def _taken(self) -> bytes:
        self._takes_mail = False
        self._sink.take()
        return OK

    def _answer(self, verb: bytes) -> bytes:
        if verb == b"DATA":
            self._takes_mail = True
            return GO_AHEAD
        if verb == b"QUIT":
            self._transport.write(GOOD_BYE)
            self._transport.close()
            return b""
        return CAPABILITIES if verb == b"EHLO" else OK
