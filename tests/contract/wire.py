"""Requests on their way to an application, in this process or behind a real server, and what comes back."""

import http.client
import json
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from flask import Flask


@dataclass(frozen=True)
class Request:
    """A request, all its placeholders filled in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None

    def json(self) -> Any:
        """The body as JSON; an empty object when it is not that."""
        try:
            return json.loads(self.body or b"{}")
        except ValueError:
            return {}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        """Every value of the header *name*."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def json(self) -> Any:
        """The body as JSON; None when it is not that."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Transport(Protocol):
    """A way to an application."""

    base_url: str

    def send(self, request: Request) -> Answer:
        """Send *request* and wait for the answer."""


class InProcess:
    """Straight into a Flask application."""

    base_url = "http://127.0.0.1:8000"

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client(use_cookies=False)

    def send(self, request: Request) -> Answer:
        """Call the application."""
        answer = self.client.open(
            request.path,
            method=request.method,
            base_url=self.base_url,
            headers={"User-Agent": "conformance/1"} | request.headers,
            data=request.body,
        )
        return Answer(answer.status_code, list(answer.headers.items()), answer.get_data())


class OverHttp:
    """To a server that runs, one connection per request."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.address = urlsplit(base_url).netloc

    def send(self, request: Request) -> Answer:
        """Send *request* as it is; http.client adds Host and Content-Length only."""
        connection = http.client.HTTPConnection(self.address, timeout=30)
        try:
            connection.request(
                request.method, request.path, request.body, {"User-Agent": "conformance/1"} | request.headers
            )
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()
