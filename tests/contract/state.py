"""States that endpoints of later work would bring about, made through the services and the tables instead."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import jwt

from hanko_compat.client import Client
from hanko_compat.storage.models import (
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


class StandIn:
    """Does what endpoints of later work do in a good case."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.effects: list[tuple[str, str, Callable[..., Effect]]] = [
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

    def log_in(self, user_id: UUID) -> Effect:
        """Start a session."""
        return Effect(token=self.services.sessions.issue(user_id, client=CLIENT).token)

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
