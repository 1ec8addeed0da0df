"""States that endpoints of later work would bring about, made through the services and the tables instead."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import jwt

from hanko_compat.client import Client
from hanko_compat.storage.models import Email, PasswordCredential, PrimaryEmail
from hanko_compat.wiring import Services
from tests.contract.wire import Request

CLIENT = Client(ip_address="127.0.0.1", user_agent="contract/1", request_id="contract")


@dataclass(frozen=True)
class Effect:
    """What a step brought about: members of its answer, and the token of a session."""

    members: dict[str, str] = field(default_factory=dict)
    token: str | None = None


@dataclass(frozen=True)
class Passcode:
    """A passcode that was asked for, though nobody sent it."""

    user_id: UUID
    email_id: UUID | None


class StandIn:
    """Does what endpoints of later work do in a good case."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.passcodes: dict[str, Passcode] = {}
        self.effects: dict[tuple[str, str], Callable[[Request], Effect]] = {
            ("POST", "/passcode/login/initialize"): self.request_passcode,
            ("POST", "/passcode/login/finalize"): self.use_passcode,
        }

    def knows(self, request: Request) -> bool:
        """Whether the effect of *request* can be brought about here."""
        return (request.method, request.path) in self.effects

    def do(self, request: Request) -> Effect:
        """Bring about the effect of *request*, as if it had been accepted."""
        return self.effects[request.method, request.path](request)

    def request_passcode(self, request: Request) -> Effect:
        body = request.json()
        cookie = request.headers.get("Cookie", "").partition("hanko_email_id=")[2]
        email_id = body.get("email_id") or cookie or None
        passcode_id = str(uuid4())
        self.passcodes[passcode_id] = Passcode(UUID(body["user_id"]), UUID(email_id) if email_id else None)
        return Effect({"id": passcode_id})

    def use_passcode(self, request: Request) -> Effect:
        passcode = self.passcodes[request.json()["id"]]
        if passcode.email_id:
            self.confirm(passcode.user_id, passcode.email_id)
        return self.log_in(passcode.user_id)

    def confirm(self, user_id: UUID, email_id: UUID) -> None:
        """Give the address to the user, as the primary one when it is the first."""
        now = self.services.now()

        def write() -> None:
            Email.update(user=user_id, verified=True, updated_at=now).where(Email.id == email_id).execute()
            if not PrimaryEmail.select().where(PrimaryEmail.user == user_id).exists():
                PrimaryEmail.create(email=email_id, user=user_id, created_at=now, updated_at=now)

        self.services.database.transaction(write)

    def log_in(self, user_id: UUID) -> Effect:
        """Start a session."""
        return Effect(token=self.services.sessions.issue(user_id, client=CLIENT).token)


def caller(request: Request) -> UUID:
    """The user whose token *request* carries."""
    header = request.headers.get("Authorization") or request.headers.get("Cookie", "")
    token = header.removeprefix("Bearer ").rpartition("=")[2]
    return UUID(jwt.decode(token, options={"verify_signature": False})["sub"])
