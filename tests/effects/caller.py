"""A client of an application with one changed key, and the users that it needs."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
from flask import Flask
from werkzeug.test import TestResponse

from hanko_compat.hashing import bcrypt
from hanko_compat.storage.models import Session
from hanko_compat.wiring import Services
from tests.authenticator import UP, UV, Authenticator
from tests.calls import CALLER
from tests.clock import FakeClock
from tests.contract.comparison import parse_cookie
from tests.factories import make_account, make_password
from tests.inbox import Inbox
from tests.sessions import issue_session

ORIGIN = "http://localhost:8888"
NOT_FOUND = (404, {"code": 404, "message": "Not Found"})
CONFLICT = (409, {"code": 409, "message": "Conflict"})
PASSWORD = "correct horse"
HASH = bcrypt.create(PASSWORD, cost=4)


def refusal(status: int, message: str) -> tuple[int, Any]:
    """What `seen` says of a refusal."""
    return status, {"code": status, "message": message}


def seen(response: TestResponse) -> tuple[int, Any]:
    """Status and body."""
    return response.status_code, response.json


@dataclass(frozen=True)
class Person:
    """A user with a verified primary address, and the token of a session."""

    user_id: UUID
    email_id: UUID
    address: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """The session as a bearer token."""
        return {"Authorization": f"Bearer {self.token}"}


class Caller:
    """Calls the endpoints; without cookies of its own."""

    def __init__(self, app: Flask, inbox: Inbox, clock: FakeClock) -> None:
        self.app, self.inbox, self.clock = app, inbox, clock
        self.client = app.test_client(use_cookies=False)
        self.services: Services = app.extensions["hanko_compat"]

    def call(self, method: str, path: str, body: Any = None, *, by: Person | None = None) -> TestResponse:
        """One request, with a session where somebody is named."""
        more = {} if body is None else {"json": body}
        return self.client.open(path, method=method, headers=by.headers if by else {}, **more)

    def get(self, path: str, *, by: Person | None = None) -> TestResponse:
        """GET."""
        return self.call("GET", path, by=by)

    def post(self, path: str, body: Any = None, *, by: Person | None = None) -> TestResponse:
        """POST."""
        return self.call("POST", path, body, by=by)

    def config(self) -> dict[str, Any]:
        """What ``/.well-known/config`` says."""
        return self.get("/.well-known/config").json

    def person(self, *, password: bool = False) -> Person:
        """Somebody new, with a session."""
        # Before everything that comes of a request, by the clock of the application.
        made_at = self.clock().replace(microsecond=0) - timedelta(seconds=1)
        with self.services.database.connection():
            account = make_account(created_at=made_at)
            if password:
                make_password(user=account.user_id, password=HASH)
        token = issue_session(self.services, account.user_id, client=CALLER).token
        return Person(account.user_id, account.id, account.address, token)

    def sign_up(self, address: str) -> TestResponse:
        """A new user."""
        return self.post("/users", {"email": address})

    def ask_for_passcode(self, person: Person) -> TestResponse:
        """Have a passcode mailed."""
        return self.post("/passcode/login/initialize", {"user_id": str(person.user_id)})

    def log_in_by_passcode(self, person: Person) -> TestResponse:
        """A whole log-in; the answer to its last request."""
        begun = self.ask_for_passcode(person)
        code = self.inbox.passcode(person.address)
        return self.post("/passcode/login/finalize", {"id": begun.json["id"], "code": code})

    def set_password(self, person: Person, password: str) -> TestResponse:
        """A new password."""
        body = {"user_id": str(person.user_id), "password": password}
        return self.call("PUT", "/password", body, by=person)

    def log_in_by_password(self, person: Person, password: str = PASSWORD) -> TestResponse:
        """A log-in."""
        return self.post("/password/login", {"user_id": str(person.user_id), "password": password})

    def creation_options(self, person: Person) -> TestResponse:
        """The first half of a registration."""
        return self.post("/webauthn/registration/initialize", by=person)

    def request_options(self, person: Person | None = None) -> TestResponse:
        """The first half of a log-in with a passkey."""
        return self.post("/webauthn/login/initialize", {"user_id": str(person.user_id)} if person else {})

    def register(self, person: Person, device: Authenticator, *, verified: bool = True) -> TestResponse:
        """A whole registration; the answer to its last request."""
        options = self.creation_options(person).json
        answer = device.create(options, flags=UP | UV if verified else UP)
        return self.post("/webauthn/registration/finalize", answer, by=person)

    def log_in_by_passkey(
        self, device: Authenticator, person: Person | None = None, *, verified: bool = True
    ) -> TestResponse:
        """A whole log-in; the answer to its last request."""
        options = self.request_options(person).json
        answer = device.get(options, flags=UP | UV if verified else UP)
        return self.post("/webauthn/login/finalize", answer)

    def count_sessions(self, person: Person) -> int:
        """How many rows the user has in the table of sessions."""
        with self.services.database.connection():
            return Session.select().where(Session.user_id == person.user_id).count()


def token_of(response: TestResponse, name: str = "hanko") -> str:
    """The token of the session cookie that came, or of the header; "" for none."""
    cookies = (parse_cookie(text) for text in response.headers.getlist("Set-Cookie"))
    found = {cookie["name"]: str(cookie["value"]) for cookie in cookies}
    return response.headers.get("X-Auth-Token") or found.get(name, "")


def attributes_of(response: TestResponse, name: str = "hanko") -> dict[str, Any]:
    """The attributes of a cookie that came."""
    cookies = (parse_cookie(text) for text in response.headers.getlist("Set-Cookie"))
    return {cookie["name"]: cookie["attributes"] for cookie in cookies}[name]


def claims_of(token: str) -> dict[str, Any]:
    """What a token says; that it is signed right is for other tests."""
    return jwt.decode(token, options={"verify_signature": False})
