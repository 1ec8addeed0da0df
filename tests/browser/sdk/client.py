"""The SDK as a frontend calls it, each call made in the browser by a test."""

import base64
import json
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import unquote, urlencode

from playwright.sync_api import Page

STORAGE_KEY = "hanko"
"""Where the SDK keeps what it knows of users; with ``_session`` added, of the session."""
TECHNICAL = {"name": "TechnicalError", "code": "somethingWentWrong"}
UNAUTHORIZED = {"name": "UnauthorizedError", "code": "unauthorized"}


class Heard(NamedTuple):
    """A listener was called, with some detail."""

    listener: str
    detail: Any


class Sdk:
    """One window with the SDK's ``Hanko`` in it."""

    def __init__(self, page: Page, *, frontend: str, api: str, **options: Any) -> None:
        """*frontend* is the origin of the page, *api* that of the server, *options* are the SDK's."""
        self.page = page
        query = urlencode({"api": api, "options": json.dumps(options)})
        self.url = f"{frontend}/frontend/sdk.html?{query}"
        self.load()

    def load(self) -> None:
        """Visit the page, or visit it again.

        What it stored before may then reach it as if another window had done so: more may be heard.
        """
        self.page.goto(self.url)
        self.page.wait_for_function("window.harness")

    def call(self, method: str, *args: Any) -> Any:
        """Return what ``hanko.<method>(...)`` gives; None for undefined."""
        answer = self._ask(method, *args)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["value"]

    def failure(self, method: str, *args: Any) -> dict[str, Any]:
        """Return the error that ``hanko.<method>(...)`` throws: its class's name, its code, more of some."""
        answer = self._ask(method, *args)
        assert "error" in answer, f"{method}: {answer['value']}"
        return answer["error"]

    def leave(self, method: str, *args: Any) -> None:
        """Call ``hanko.<method>(...)``, which leads the browser elsewhere, and wait until it is there."""
        with self.page.expect_navigation():
            self.page.evaluate("([method, args]) => void harness.call(method, args)", [method, list(args)])

    def come_back(self) -> None:
        """Wait until the browser is at the page again."""
        self.page.wait_for_function("window.harness")

    def heard(self) -> list[Heard]:
        """Which listeners were called since the page was loaded, in order."""
        return [Heard(*called) for called in self.page.evaluate("harness.heard")]

    def events(self) -> list[str]:
        """The same, names only."""
        return [called.listener for called in self.heard()]

    def wait_for_event(self, listener: str) -> Any:
        """Wait until *listener* was called; return what it was told."""
        self.page.wait_for_function(
            "(name) => harness.heard.some(([called]) => called === name)", arg=listener
        )
        return next(called.detail for called in self.heard() if called.listener == listener)

    def stored(self, key: str = STORAGE_KEY) -> Any:
        """What the SDK keeps in the browser's storage under *key*, decoded."""
        encoded = self.page.evaluate("(key) => localStorage.getItem(key)", key)
        return json.loads(unquote(unquote(base64.b64decode(encoded).decode())))

    def _ask(self, method: str, *args: Any) -> dict[str, Any]:
        return self.page.evaluate("([method, args]) => harness.call(method, args)", [method, list(args)])


OpenSdk = Callable[..., Sdk]
"""The fixture ``open_sdk``."""
