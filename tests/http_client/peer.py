"""A server on the loopback interface that says byte for byte what it was given, HTTP or not."""

import socket
from contextlib import suppress
from threading import Event, Thread

END = b"\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"


class Peer:
    """The server: to whatever comes first it says ``says``, and then ``drips`` every 20 ms, for ever."""

    def __init__(self, says: bytes, *, drips: bytes = b"") -> None:
        self._says = says
        self._drips = drips
        self._ended = Event()
        self._threads: list[Thread] = []

    def __enter__(self) -> "Peer":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._start(self._listen)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes who listens
        self._listener.close()
        for thread in self._threads:
            thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/"

    def _start(self, work, *arguments) -> None:
        thread = Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                self._start(self._speak, self._listener.accept()[0])

    def _speak(self, connected: socket.socket) -> None:
        with connected, suppress(OSError):
            connected.recv(65536)
            connected.sendall(self._says)
            while self._drips and not self._ended.wait(0.02):
                connected.sendall(self._drips)
            connected.shutdown(socket.SHUT_WR)
            while connected.recv(65536):
                pass
