"""A connection on which answers are sent, to callers who may not read them."""

import socket
from typing import Any

READER_PATIENCE = 10.0  # seconds for a caller to take so much of an answer that the kernel can hold the rest


class AnswerSocket(socket.socket):
    """A caller's connection that nobody waits at for longer than `READER_PATIENCE`."""

    _is_holding = False
    _held = b""

    @classmethod
    def of(cls, accepted: socket.socket) -> "AnswerSocket":
        """Take over a connection."""
        return cls(accepted.family, accepted.type, accepted.proto, fileno=accepted.detach())

    def hold_head(self) -> None:
        """Keep what is sent next, a head, until the body follows: one system call wakes the caller once."""
        self._is_holding = True

    def release_head(self) -> None:
        """Send a head that no body has followed; hold nothing any more.

        Raises:
            TimeoutError, OSError: as `sendall`.
        """
        self._is_holding = False
        if self._held:
            self.sendall(b"")

    def drop_head(self) -> None:
        """Hold nothing any more: a head that is still held belongs to an answer that has failed."""
        self._is_holding, self._held = False, b""

    def sendall(self, data: bytes, flags: int = 0) -> None:  # type: ignore[override]  # bytes are all it gets
        """Send all of *data*, after the head that is held; a head that is to be held is kept.

        Raises:
            TimeoutError: the caller does not take it.
            OSError: the caller is gone.
        """
        if self._is_holding:
            self._is_holding, self._held = False, data
            return
        if self._held:
            data, self._held = self._held + data, b""
        try:  # The kernel nearly always has room for it. A timeout would cost a system call to look for that.
            sent = self.send(data, flags | socket.MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self.settimeout(READER_PATIENCE)
            super().sendall(memoryview(data)[sent:], flags)

    def sendfile(self, *arguments: Any, **options: Any) -> int:
        """Send a file, after the head that is held; as `socket.socket.sendfile`."""
        self.release_head()
        return super().sendfile(*arguments, **options)
