"""Ceremonies with passkeys, which a customer's server begins and ends; the device is a software one."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse

from tests.authenticator import Authenticator
from tests.backend.server import Server

PROCESS = "process-0123456789ab"
DEVICE = {
    "browserName": "Chrome",
    "browserVersion": "133.0.0",
    "osName": "macOS",
    "osVersion": "15.0.1",
}
INFORMATION: dict[str, Any] = {
    "remoteAddress": "198.51.100.7",
    "userAgent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/133.0.0.0",
    "userVerifyingPlatformAuthenticatorAvailable": True,
    "conditionalMediationAvailable": True,
    "parsedDeviceInfo": DEVICE,
}
BAD_ATTESTATION = {("attestationResponse", "must be a valid value")}
BAD_ASSERTION = {("assertionResponse", "must be a valid value")}
NO_USER = {("userID", "does not exist")}
NOT_ACTIVE = {("userID", "is not active")}


def uuid_of(entity_id: str) -> UUID:
    """The UUID that an ID stands for."""
    return UUID(int=int(entity_id.partition("-")[2]))


def information(**changes: Any) -> dict[str, Any]:
    """What is told of a browser, with changes."""
    return INFORMATION | changes


def options_of(response: TestResponse, name: str) -> dict[str, Any]:
    """The options in an answer, as the browser parses them."""
    assert response.status_code == 200, response.json
    options: dict[str, Any] = json.loads(response.json[name])
    return options


@dataclass
class Ceremonies:
    """The calls of a server; keyword arguments are members of the body that are sent instead."""

    backend: Server

    def start_append(self, user_id: str, **changes: Any) -> TestResponse:
        """Ask whether a passkey can be made."""
        body = {
            "userID": user_id,
            "processID": PROCESS,
            "username": "jane@example.test",
            "clientInformation": INFORMATION,
            "passkeyIntelFlags": {"forcePasskeyAppend": False},
        }
        return self.backend.post("/passkey/append/start", body | changes)

    def creation_options(self, user_id: str, **changes: Any) -> dict[str, Any]:
        """What the browser's ``create()`` takes."""
        return options_of(self.start_append(user_id, **changes), "attestationOptions")

    def finish_append(self, user_id: str, answer: Any, **changes: Any) -> TestResponse:
        """Hand in a new passkey."""
        body = {"userID": user_id, "attestationResponse": json.dumps(answer)}
        return self.backend.post("/passkey/append/finish", body | self._journey() | changes)

    def append(self, user_id: str, device: Authenticator | None = None, **changes: Any) -> Authenticator:
        """Make a passkey."""
        device = device or Authenticator()
        options = self.creation_options(user_id, **changes)
        response = self.finish_append(user_id, device.create(options, transports=["internal"]))
        assert response.status_code == 200, response.json
        return device

    def start_login(self, user_id: str, **changes: Any) -> TestResponse:
        """Ask whether the user can log in with a passkey."""
        body = {
            "userID": user_id,
            "clientInformation": INFORMATION,
            "crossDeviceAuthenticationStrategy": "standard",
            "processID": PROCESS,
        }
        return self.backend.post("/passkey/login/start", body | changes)

    def request_options(self, user_id: str, **changes: Any) -> dict[str, Any]:
        """What the browser's ``get()`` takes."""
        return options_of(self.start_login(user_id, **changes), "assertionOptions")

    def finish_login(self, user_id: str, answer: Any, **changes: Any) -> TestResponse:
        """Hand in what the passkey of a user has signed."""
        body = {"userID": user_id, "assertionResponse": json.dumps(answer)}
        return self.backend.post("/passkey/login/finish", body | self._journey() | changes)

    def log_in(self, user_id: str, device: Authenticator, **changes: Any) -> TestResponse:
        """Log in with a passkey."""
        return self.finish_login(user_id, device.get(self.request_options(user_id)), **changes)

    def start_mediation(self, **changes: Any) -> TestResponse:
        """Ask for a log-in of whoever it will be."""
        return self.backend.post("/passkey/mediation/start", {"clientInformation": INFORMATION} | changes)

    def mediation_options(self) -> dict[str, Any]:
        """What the browser's ``get()`` takes."""
        return options_of(self.start_mediation(), "assertionOptions")

    def finish_mediation(self, answer: Any, **changes: Any) -> TestResponse:
        """Hand in what somebody's passkey has signed."""
        body = {"assertionResponse": json.dumps(answer)} | self._journey()
        return self.backend.post("/passkey/mediation/finish", body | changes)

    def signed(self, user_id: str, device: Authenticator) -> str:
        """The token of a log-in."""
        token: str = self.log_in(user_id, device, signPasskeyData=True).json["signedPasskeyData"]
        return token

    def verification(self, token: str, **changes: Any) -> str:
        """What a token is worth."""
        body = {"signedPasskeyData": token, "username": "jane@example.test"} | changes
        result: str = self.backend.post("/passkey/verifySignedData", body).json["verificationResult"]
        return result

    def challenges(self, user_id: str) -> dict[str, tuple[str, str]]:
        """Type and status of the user's challenges, by value."""
        found = self.backend.get(f"/users/{user_id}/passkeyChallenges", pageSize=100).json
        return {each["value"]: (each["type"], each["status"]) for each in found["passkeyChallenges"]}

    def credentials(self, user_id: str) -> list[dict[str, Any]]:
        """The user's passkeys."""
        found: list[dict[str, Any]] = self.backend.get(f"/users/{user_id}/credentials").json["credentials"]
        return found

    def _journey(self) -> dict[str, Any]:
        return {"clientInformation": INFORMATION, "processID": PROCESS, "trackingID": "trk-1"}
