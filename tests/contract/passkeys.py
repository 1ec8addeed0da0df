"""What authenticators answered in a recording is only named there: a software one answers in a replay."""

from typing import Any

from tests.authenticator import UP, Authenticator
from tests.contract.placeholders import Bindings

EVIL = "evil.example.test"
# What is wrong with the answers of these steps, which no trace shows.
FAULTS: dict[str, dict[str, Any]] = {
    "wrong relying party": {"rp_id": EVIL},
    "unknown challenge": {"challenge": "A" * 43},
    "no user presence": {"flags": 0},
    "no user verification": {"flags": UP},
    "create without verification": {"flags": UP},
    "log in without verification": {"flags": UP},
    "broken attestation signature": {"fmt": "packed", "signed": lambda _: b"something else"},
    "wrong signature": {"signed": lambda _: b"something else"},
}
ALGORITHMS = {"passkey_rs256": "RS256"}  # by scenario


class Devices:
    """The authenticators of one scenario, by the placeholders of their credential IDs."""

    def __init__(self, scenario: str, bindings: Bindings) -> None:
        self._algorithm = ALGORITHMS.get(scenario, "ES256")
        self._bindings = bindings
        self._devices: dict[str, Authenticator] = {}
        self._options: dict[str, Any] = {}

    def learn(self, answer: Any) -> None:
        """Keep the options in *answer*, if it has some: the next credential answers them."""
        if isinstance(answer, dict) and "publicKey" in answer:
            self._options = answer

    def filled(self, step: dict[str, Any]) -> dict[str, Any]:
        """The recorded request of *step*, with the answer of an authenticator in place of its description."""
        request = step["request"]
        body = request.get("body", {}).get("json")
        if not isinstance(body, dict) or not isinstance(body.get("response"), dict) or not self._options:
            return request
        response, device = body["response"], self._device(body["id"])
        told = response["clientDataJSON"]["base64url of json"]
        details: dict[str, Any] = {"origin": told["origin"], "type_": told["type"]}
        details |= FAULTS.get(step["step"], {})
        if "attestationObject" in response:
            answer = device.create(self._options, transports=response.get("transports"), **details)
        else:
            count = response["authenticatorData"]["base64url of"]["signCount"]
            handle = None if "userHandle" in response else b""
            answer = device.get(self._options, sign_count=count, user_handle=handle, **details)
        return request | {"body": {"json": answer}}

    def _device(self, placeholder: str) -> Authenticator:
        if placeholder not in self._devices:
            device = self._devices[placeholder] = Authenticator(self._algorithm)
            number = placeholder.strip("<>").partition(":")[2]
            self._bindings.bind("cred-id", number, device.id)
            self._bindings.bind("cred-pubkey", number, device.public_key)
        return self._devices[placeholder]
