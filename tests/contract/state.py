"""States that endpoints of later work would bring about, made through the services and the tables instead."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID, uuid4

import jwt

from hanko_compat.client import Client
from hanko_compat.storage.models import (
    Email,
    PasswordCredential,
    PrimaryEmail,
    WebauthnCredential,
    WebauthnCredentialTransport,
)
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
        self.effects: list[tuple[str, str, Callable[..., Effect]]] = [
            ("POST", "/passcode/login/initialize", self.request_passcode),
            ("POST", "/passcode/login/finalize", self.use_passcode),
            ("PUT", "/password", self.set_password),
            ("POST", "/password/login", self.log_in_by_password),
            ("POST", "/emails", self.add_email),
            ("POST", "/emails/([^/]+)/set_primary", self.set_primary_email),
            ("DELETE", "/emails/([^/]+)", self.delete_email),
            ("POST", "/webauthn/(?:registration|login)/initialize", lambda _: Effect()),
            ("POST", "/webauthn/registration/finalize", self.add_passkey),
            ("POST", "/webauthn/login/finalize", self.log_in_by_passkey),
            ("PATCH", "/webauthn/credentials/([^/]+)", self.rename_passkey),
            ("DELETE", "/webauthn/credentials/([^/]+)", self.delete_passkey),
        ]

    def do(self, request: Request) -> Effect | None:
        """Bring about the effect of *request*, as if it had been accepted; None when it is not known here."""
        for method, pattern, effect in self.effects:
            found = re.fullmatch(pattern, request.path)
            if found and method == request.method:
                return effect(request, *found.groups())
        return None

    def request_passcode(self, request: Request) -> Effect:
        body = request.json()
        cookie = request.headers.get("Cookie", "").partition("hanko_email_id=")[2]
        email_id = body.get("email_id") or cookie or None
        passcode_id = str(uuid4())
        self.passcodes[passcode_id] = Passcode(UUID(body["user_id"]), UUID(email_id) if email_id else None)
        return Effect({"id": passcode_id})

    def use_passcode(self, request: Request) -> Effect:
        passcode = self.passcodes[request.json()["id"]]
        email = self.email_of(passcode)
        if email.user_id is None:
            self.confirm(passcode.user_id, email.id)
            return self.log_in(passcode.user_id)
        # As Hanko 2.7.0: the token tells the address as it was before this log-in confirmed it.
        effect = self.log_in(passcode.user_id)
        self.confirm(passcode.user_id, email.id)
        return effect

    def email_of(self, passcode: Passcode) -> Email:
        """The address of a passcode: the primary one when none was named."""
        with self.services.database.connection():
            if passcode.email_id:
                return Email.get_by_id(passcode.email_id)
            return PrimaryEmail.get(PrimaryEmail.user == passcode.user_id).email

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

    def set_password(self, request: Request) -> Effect:
        now, user_id = self.services.now(), caller(request)
        columns = {"user": user_id, "password": "not compared", "created_at": now, "updated_at": now}

        def write() -> None:
            PasswordCredential.delete().where(PasswordCredential.user == user_id).execute()
            PasswordCredential.create(**columns)

        self.services.database.transaction(write)
        return Effect()

    def log_in_by_password(self, request: Request) -> Effect:
        return self.log_in(UUID(request.json()["user_id"]))

    def add_email(self, request: Request) -> Effect:
        now, address = self.services.now(), request.json()["address"]
        user_id = None if self.services.config.email.require_verification else caller(request)
        columns = {"user": user_id, "verified": False, "created_at": now, "updated_at": now}
        write = partial(Email.create, address=address, **columns)
        email_id = str(self.services.database.transaction(write).id)
        return Effect({"id": email_id, "email_id": email_id})

    def set_primary_email(self, request: Request, email_id: str) -> Effect:
        mine = PrimaryEmail.user == caller(request)
        self.services.database.transaction(PrimaryEmail.update(email=email_id).where(mine).execute)
        return Effect()

    def delete_email(self, _: Request, email_id: str) -> Effect:
        self.services.database.transaction(Email.delete().where(Email.id == email_id).execute)
        return Effect()

    def add_passkey(self, request: Request) -> Effect:
        now, body, user_id = self.services.now(), request.json(), caller(request)
        columns = {"public_key": "not-compared", "attestation_type": "none", "aaguid": UUID(int=0)}
        columns |= {"sign_count": 0, "created_at": now, "updated_at": now, "last_used_at": now}

        def write() -> None:
            WebauthnCredential.create(id=body["id"], user=user_id, **columns)
            for name in body["response"].get("transports", []):
                WebauthnCredentialTransport.create(id=str(uuid4()), name=name, webauthn_credential=body["id"])

        self.services.database.transaction(write)
        return Effect({"credential_id": body["id"], "user_id": str(user_id)})

    def log_in_by_passkey(self, request: Request) -> Effect:
        with self.services.database.connection():
            credential = WebauthnCredential.get_by_id(request.json()["id"])
        return self.log_in(credential.user_id)

    def rename_passkey(self, request: Request, credential_id: str) -> Effect:
        change = WebauthnCredential.update(name=request.json()["name"])
        same = WebauthnCredential.id == credential_id
        self.services.database.transaction(change.where(same).execute)
        return Effect()

    def delete_passkey(self, _: Request, credential_id: str) -> Effect:
        same = WebauthnCredential.id == credential_id
        self.services.database.transaction(WebauthnCredential.delete().where(same).execute)
        return Effect()


def caller(request: Request) -> UUID:
    """The user whose token *request* carries."""
    header = request.headers.get("Authorization") or request.headers.get("Cookie", "")
    token = header.removeprefix("Bearer ").rpartition("=")[2]
    return UUID(jwt.decode(token, options={"verify_signature": False})["sub"])
