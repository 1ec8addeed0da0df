"""Sign-ups from many clients, while something happens to the server."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from threading import Event, Lock
from types import TracebackType
from typing import Any

from tests.faults.racing import at_once
from tests.servers.hanko_compat import Answer, HankoCompat, message, parse
from tests.servers.process import PATIENCE, PAUSE


def sign_up_at_once(server: HankoCompat, addresses: list[str]) -> list[Answer]:
    """Sign all *addresses* up at the same moment."""
    return at_once([partial(server.request, "POST", "/users", {"email": address}) for address in addresses])


@dataclass
class Load:
    """Clients that sign users up, one after the other, until the block is left."""

    server: HankoCompat
    clients: int = 4
    keep_alive: bool = False
    acknowledged: list[str] = field(default_factory=list)
    """Addresses whose sign-up was answered with 200."""
    others: list[Any] = field(default_factory=list)
    """Every other answer, and every error of a connection."""

    def __enter__(self) -> "Load":
        self._over, self._lock, self._counted = Event(), Lock(), Event()
        self._numbers = count()
        self._goal = 0
        self._pool = ThreadPoolExecutor(self.clients)
        self._futures = [self._pool.submit(self._run) for _ in range(self.clients)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._pool.shutdown()
        for future in self._futures:
            future.result()

    def wait_for(self, number: int) -> None:
        """Wait until *number* more sign-ups were acknowledged."""
        self._counted.clear()
        with self._lock:
            self._goal = len(self.acknowledged) + number
        assert self._counted.wait(PATIENCE), (
            f"only {len(self.acknowledged)} sign-ups; others: {self.others[-3:]}"
        )

    def _run(self) -> None:
        connection = self._connect()
        while not self._over.is_set():
            address = f"user{next(self._numbers)}@example.com"
            try:
                connection.request("POST", "/users", **message({"email": address}, {}))
                response = connection.getresponse()
                content = response.read()
            except (OSError, http.client.HTTPException) as error:
                self.others.append(error)
                connection.close()
                connection = self._connect()
                self._over.wait(PAUSE)  # clients that spin would keep a busy machine from starting the server
                continue
            self._note(address, Answer(response.status, response.headers, parse(content)))
            if not self.keep_alive:
                connection.close()
        connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)

    def _note(self, address: str, answer: Answer) -> None:
        with self._lock:
            if answer.status != 200:
                self.others.append(answer)
                return
            self.acknowledged.append(address)
            if len(self.acknowledged) >= self._goal:
                self._counted.set()
