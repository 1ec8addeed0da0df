"""Users with passkeys, and ceremonies over HTTP."""

from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from hanko_compat.storage.models import (
    AuditLog,
    Session,
    WebauthnCredential,
    WebauthnCredentialTransport,
    WebauthnSessionData,
)
from hanko_compat.wiring import Services
from tests.authenticator import Authenticator
from tests.calls import CALLER
from tests.factories import make_account, make_credential
from tests.sessions import issue_session

MISMATCH = "Stored challenge and received challenge do not match"
ATTESTATION = "failed to validate attestation"
ASSERTION = "failed to validate assertion"
MALFORMED = "the credential is malformed"
EVIL = "evil.example.test"
TABLES = (WebauthnCredential, WebauthnCredentialTransport, Session)


def make_passkey(
    authenticator: Authenticator | None = None, **changes: Any
) -> tuple[Authenticator, WebauthnCredential]:
    """A passkey that works, of a user with an address; the device, and the row."""
    device = authenticator or Authenticator()
    if "user" not in changes:
        changes["user"] = make_account().user_id
    stored = {"id": device.id, "public_key": device.public_key, "sign_count": device.sign_count}
    row = make_credential(**(stored | changes))
    if not device.user_handle:
        device.user_handle = row.user_id.bytes
    return device, row


def bearer(services: Services, user_id: UUID) -> dict[str, str]:
    """The header of a session of the user."""
    return {"Authorization": f"Bearer {issue_session(services, user_id, client=CALLER).token}"}


def error(code: int, message: str) -> dict[str, Any]:
    """The body of a refusal."""
    return {"code": code, "message": message}


def rows(services: Services) -> list[int]:
    """How many credentials, transports and sessions are stored."""
    with services.database.connection():
        return [table.select().count() for table in TABLES]


def audited(services: Services, type_: str) -> list[tuple[str | None, UUID | None, str | None]]:
    """Each event of this type in the audit log: its error, its user and the user's address."""
    with services.database.connection():
        rows = AuditLog.select().where(AuditLog.type == type_)
        return [(row.error, row.actor_user_id, row.actor_email) for row in rows]


def challenges(services: Services) -> int:
    """How many challenges wait for an answer."""
    with services.database.connection():
        return WebauthnSessionData.select().count()


def stored(services: Services, device: Authenticator) -> WebauthnCredential:
    """The row of the device's passkey."""
    with services.database.connection():
        return WebauthnCredential.get_by_id(device.id)


class Browser:
    """Calls the endpoints of passkeys, as whoever it carries the session of."""

    def __init__(self, client: FlaskClient, headers: dict[str, str] | None = None) -> None:
        self.client = client
        self.headers = headers or {}

    def creation_options(self) -> dict[str, Any]:
        """Options for a new passkey."""
        return self._options("/webauthn/registration/initialize", None)

    def request_options(self, user_id: UUID | None = None) -> dict[str, Any]:
        """Options for a log-in: of a user, or of anybody."""
        return self._options("/webauthn/login/initialize", {"user_id": str(user_id)} if user_id else {})

    def register(self, answer: Any) -> TestResponse:
        """Finish a registration."""
        return self.client.post("/webauthn/registration/finalize", json=answer, headers=self.headers)

    def log_in(self, answer: Any) -> TestResponse:
        """Finish a log-in."""
        return self.client.post("/webauthn/login/finalize", json=answer)

    def credentials(self) -> list[dict[str, Any]]:
        """What the user sees of its credentials."""
        return self.client.get("/webauthn/credentials", headers=self.headers).json

    def _options(self, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        response = self.client.post(path, json=body or {}, headers=self.headers)
        assert response.status_code == 200, response.json
        return response.json
