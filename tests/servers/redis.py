"""A private Redis."""

from collections.abc import Sequence

import redis

from tests.servers.process import Server, find_program


class Redis(Server):
    """Redis that keeps everything in memory."""

    name = "redis"

    def command(self) -> Sequence[str]:
        """Return the command; nothing is written to disk."""
        options = {"port": self.port, "bind": "127.0.0.1", "dir": self.folder, "save": "", "appendonly": "no"}
        flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        return [find_program("redis-server"), *flags]

    def is_ready(self) -> bool:
        """Whether Redis answers."""
        try:
            with redis.Redis(port=self.port) as client:
                return bool(client.ping())
        except redis.exceptions.ConnectionError:
            return False

    def url(self) -> str:
        """The URL of the first database on this server."""
        return f"redis://127.0.0.1:{self.port}/0"
