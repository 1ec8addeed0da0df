"""A real HTTP server on the loopback interface that webhooks are sent to."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.gateway import PATIENCE, HttpGateway, Received

__all__ = ["LOOPBACK", "PATIENCE", "Receiver", "content", "eventually"]

LOOPBACK = {"hanko_compat.backend_api.webhooks.private_networks": ["127.0.0.0/8"]}
"""The setting without which nothing is sent here."""


@dataclass
class Receiver(HttpGateway):
    """The server; ``statuses`` are those of its next answers, the last of all further ones."""

    statuses: list[int] = field(default_factory=list)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Note a post, and answer as it was set."""
        if self.statuses:
            self.status = self.statuses.pop(0)
        super().answer(request)

    def release(self) -> None:
        """Let go of the posts that hang."""
        self._ended.set()


def content(post: Received) -> Any:
    """The JSON that a post brought."""
    return json.loads(post.body)


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until *condition* holds."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)
