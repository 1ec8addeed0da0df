"""A connection on which answers are sent, to callers who may not read them."""

import socket

READER_PATIENCE = 10.0  # seconds for a caller to take so much of an answer that the kernel can hold the rest


class AnswerSocket(socket.socket):
    """A caller's connection that nobody waits at for longer than `READER_PATIENCE`."""

    @classmethod
    def of(cls, accepted: socket.socket) -> "AnswerSocket":
        """Take over a connection."""
        return cls(accepted.family, accepted.type, accepted.proto, fileno=accepted.detach())

    def sendall(self, data: bytes, flags: int = 0) -> None:  # type: ignore[override]  # bytes are all it gets
        """Send all of *data*.

        Raises:
            TimeoutError: the caller does not take it.
            OSError: the caller is gone.
        """
        try:  # The kernel nearly always has room for it. A timeout would cost a system call to look for that.
            sent = self.send(data, flags | socket.MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self.settimeout(READER_PATIENCE)
            super().sendall(memoryview(data)[sent:], flags)
