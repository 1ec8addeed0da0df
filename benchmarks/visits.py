"""Mixed traffic at an even pace: visits of several kinds, one after the other."""

import http.client
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from threading import Event, Lock, Thread
from typing import Any, NoReturn
from urllib.parse import parse_qs, urlsplit

TIMEOUT = 300  # seconds: a machine with other work to do stops nobody
IDENTIFIER = re.compile(r"(?<=/)([a-z]{3}-\d+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=/|$)")


class Refused(Exception):
    """An answer with a status that the visitor should not get; it has been noted."""


@dataclass(frozen=True)
class Reply:
    """An answer: its JSON, and its headers."""

    json: Any
    headers: Mapping[str, str]

    @property
    def session(self) -> str:
        """The token of the session that it has opened."""
        return self.headers["X-Auth-Token"]

    @property
    def query(self) -> dict[str, str]:
        """What stands in the query of the place to which it sends the browser."""
        values = parse_qs(urlsplit(self.headers["Location"]).query)
        return {name: first for name, (first, *_) in values.items()}

    @property
    def cookie(self) -> dict[str, str]:
        """The header with the cookie that it has set."""
        return {"Cookie": self.headers["Set-Cookie"].partition(";")[0]}


class Caller:
    """One connection; *tally* counts what is sent, and what should not happen."""

    def __init__(self, base_url: str, tally: "Tally") -> None:
        self._connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=TIMEOUT)
        self._tally = tally

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str = "",
        expected: int | None = None,
        **headers: str,
    ) -> Reply:
        """Send a request; a text is sent as a form, all else as JSON.

        Raises:
            Refused: the status is not what is *expected*, or none of success.
        """
        content = body if body is None or isinstance(body, str) else json.dumps(body)
        if content is not None:
            form = "application/x-www-form-urlencoded"
            headers["Content-Type"] = form if content is body else "application/json"
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._connection.request(method, path, body=content, headers=headers)
        answer = self._connection.getresponse()
        found = answer.read()
        self._tally.request()
        is_right = answer.status // 100 == 2 if expected is None else answer.status == expected
        if not is_right:
            self.refuse(f"{method} {IDENTIFIER.sub('{id}', path.partition('?')[0])} {answer.status}")
        is_json = answer.headers.get_content_type() == "application/json"
        return Reply(json.loads(found) if found and is_json else None, answer.headers)

    def refuse(self, what: str) -> NoReturn:
        """Note that an answer was not the right one, and end the visit.

        Raises:
            Refused: always.
        """
        self._tally.refused(what)
        raise Refused

    def close(self) -> None:
        """Hang up; the next request connects again."""
        self._connection.close()


class Tally:
    """What several threads have done, and what should not have happened."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.requests = 0
        self.visits = 0
        self.failures: Counter[str] = Counter()

    def request(self) -> None:
        """Count an answer."""
        with self._lock:
            self.requests += 1

    def visit(self) -> None:
        """Count a visit that went as it should."""
        with self._lock:
            self.visits += 1

    def refused(self, what: str) -> None:
        """Count an answer that no visitor should get, or a lost connection."""
        with self._lock:
            self.failures[what] += 1


Visitor = Callable[[Caller, int], None]
"""Somebody who comes, and the number of the visit."""


class Visits:
    """Visits from several threads, by one visitor after the other; *rate* is how many a second.

    Without a rate there are as many as there can be.
    """

    def __init__(
        self, base_url: str, visitors: Sequence[Visitor], *, threads: int, rate: float | None
    ) -> None:
        self._base_url = base_url
        self._visitors = visitors
        self._rate = rate
        self._numbers = count()
        self._over = Event()
        self._threads = [Thread(target=self._run, daemon=True) for _ in range(threads)]
        self._started = time.monotonic()
        self.tally = Tally()

    def __enter__(self) -> "Visits":
        self._started = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        caller = Caller(self._base_url, self.tally)
        while not self._over.is_set():
            number = next(self._numbers)
            due = self._started + number / self._rate if self._rate else 0.0
            if self._over.wait(max(0.0, due - time.monotonic())):
                break
            self._visit(caller, number)
        caller.close()

    def _visit(self, caller: Caller, number: int) -> None:
        try:
            self._visitors[number % len(self._visitors)](caller, number)
        except Refused:
            return
        except (OSError, http.client.HTTPException):
            self.tally.refused("connection lost")
            caller.close()
            return
        self.tally.visit()
