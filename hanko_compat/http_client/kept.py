"""A connection that is kept for the next request to the same server, which so needs no handshake."""

import httpcore2


class KeptConnection:
    """One at most, for one thread that asks one thing after the other. Close it at the end."""

    def __init__(self) -> None:
        """Keep none."""
        self._connection: httpcore2.HTTPConnection | None = None

    def take(self, origin: httpcore2.Origin) -> httpcore2.HTTPConnection | None:
        """The one that is kept, if it leads to *origin* and the server has not ended it."""
        connection, self._connection = self._connection, None
        if connection is None:
            return None
        if connection.can_handle_request(origin) and not connection.has_expired():
            return connection
        connection.close()
        return None

    def keep(self, connection: httpcore2.HTTPConnection) -> None:
        """Keep what a whole answer has come over instead of another one; close it if the server ends it."""
        self.close()
        if connection.is_idle():
            self._connection = connection
        else:
            connection.close()

    def close(self) -> None:
        """Close what is kept."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
