"""Mixed traffic at an even pace: visitors who sign up, look around, log in and leave, one after the other."""

import http.client
import json
import time
from collections import Counter
from itertools import count
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import urlsplit

PASSWORD = "a password of the soak"
WITH_PASSWORD = 10
"""One in so many visitors sets a password and logs in with it: bcrypt costs more than all the rest."""
TIMEOUT = 60  # seconds


class Visits:
    """Visits from several threads; *rate* is how many a second, None for as many as there can be."""

    def __init__(self, base_url: str, *, threads: int, rate: float | None) -> None:
        self._address = urlsplit(base_url).netloc
        self._rate = rate
        self._numbers = count()
        self._lock = Lock()
        self._over = Event()
        self._threads = [Thread(target=self._run, daemon=True) for _ in range(threads)]
        self._started = time.monotonic()
        self.answers: Counter[tuple[str, int]] = Counter()
        self.visits = 0

    def __enter__(self) -> "Visits":
        self._started = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    @property
    def failures(self) -> dict[str, int]:
        """Answers that no visitor should get, and lost connections (0), with their number."""
        return {
            f"{call} {status}": number
            for (call, status), number in self.answers.items()
            if not 200 <= status < 300
        }

    def _run(self) -> None:
        connection = http.client.HTTPConnection(self._address, timeout=TIMEOUT)
        while not self._over.is_set():
            number = next(self._numbers)
            due = self._started + number / self._rate if self._rate else 0.0
            if self._over.wait(max(0.0, due - time.monotonic())):
                break
            try:
                self._visit(connection, number)
            except (OSError, http.client.HTTPException):
                self._note("connection", 0)
                connection.close()
        connection.close()

    def _visit(self, connection: http.client.HTTPConnection, number: int) -> None:
        """What a browser sends; the account is deleted in the end, so that only garbage is left."""

        def call(method: str, path: str, body: object = None, token: str = "") -> Any:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            if body is not None:
                headers["Content-Type"] = "application/json"
            connection.request(method, path, body=None if body is None else json.dumps(body), headers=headers)
            answer = connection.getresponse()
            content = answer.read()
            route = "/users/{id}" if path.startswith("/users/") else path
            self._note(f"{method} {route}", answer.status)
            return json.loads(content) if content else None, answer.headers.get("X-Auth-Token", token)

        call("GET", "/.well-known/config")
        call("POST", "/webauthn/login/initialize", {})  # of the form's fields, and nobody answers
        user, token = call("POST", "/users", {"email": f"visitor{number}@example.com"})
        me = user["user_id"]
        for _ in range(4):
            call("GET", "/sessions/validate", token=token)
        call("GET", "/me", token=token)
        call("GET", f"/users/{me}", token=token)
        call("POST", "/user", {"email": f"visitor{number}@example.com"})
        call("POST", "/webauthn/registration/initialize", {}, token=token)
        call("POST", "/passcode/login/initialize", {"user_id": me})  # the mail is never read
        if number % WITH_PASSWORD == 0:
            call("PUT", "/password", {"user_id": me, "password": PASSWORD}, token=token)
            _, token = call("POST", "/password/login", {"user_id": me, "password": PASSWORD})
        call("DELETE", "/user", token=token)
        with self._lock:
            self.visits += 1

    def _note(self, call: str, status: int) -> None:
        with self._lock:
            self.answers[call, status] += 1
