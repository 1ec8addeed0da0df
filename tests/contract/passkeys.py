"""What authenticators answered in a recording is only named there: a software one answers in a replay."""

import re
from typing import Any

from hanko_compat.base64url import decode, encode
from tests.authenticator import BE, BS, UP, UV, Authenticator
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
    "no signature": {"signature": lambda _: b""},
    "signature not der": {"signature": lambda _: b"nope"},
    "packed self attestation": {"fmt": "packed"},
    "synced, known aaguid": {"flags": UP | UV | BE | BS},
}
ALGORITHMS = {"passkey_rs256": "RS256"}  # by scenario
AAGUIDS = {"synced, known aaguid": bytes.fromhex("fbfc3007154e4ecc8c0b6e020557d7bd")}
SIGN_COUNTS = {"unknown transport, counter 7": 7}
CUT = re.compile(r"<(\d+) bytes>")


class Devices:
    """The authenticators of one scenario, by the placeholders of their credential IDs."""

    def __init__(self, scenario: str, bindings: Bindings) -> None:
        self._algorithm = ALGORITHMS.get(scenario, "ES256")
        self._bindings = bindings
        self._devices: dict[str, Authenticator] = {}
        self._creation_options: dict[str, Any] = {}
        self._request_options: dict[str, Any] = {}

    def learn(self, answer: Any) -> None:
        """Keep the options in *answer*, if it has some: the next credential answers them."""
        if isinstance(answer, dict) and "publicKey" in answer:
            if "user" in answer["publicKey"]:
                self._creation_options = answer
            else:
                self._request_options = answer

    def filled(self, step: dict[str, Any]) -> dict[str, Any]:
        """The recorded request of *step*, with the answer of an authenticator in place of its description."""
        request = step["request"]
        body = request.get("body", {}).get("json")
        if not isinstance(body, dict) or not isinstance(body.get("response"), dict):
            return request
        response, device = body["response"], self._device(body.get("id") or body["rawId"], step["step"])
        details = _details(response["clientDataJSON"]) | FAULTS.get(step["step"], {})
        if "attestationObject" in response:
            if step["step"] == "challenge of a log-in":
                details["challenge"] = self._request_options["publicKey"]["challenge"]
            transports = response.get("transports")
            answer = device.create(self._creation_options, transports=transports, **details)
        else:
            handle = None if "userHandle" in response else b""
            count = _sign_count(response["authenticatorData"])
            answer = device.get(self._request_options, sign_count=count, user_handle=handle, **details)
        return request | {"body": {"json": _as_recorded(answer, body)}}

    def _device(self, placeholder: str, step: str) -> Authenticator:
        if placeholder not in self._devices:
            device = self._devices[placeholder] = Authenticator(
                self._algorithm, aaguid=AAGUIDS.get(step, bytes(16)), sign_count=SIGN_COUNTS.get(step, 0)
            )
            number = placeholder.strip("<>").partition(":")[2]
            self._bindings.bind("cred-id", number, device.id)
            self._bindings.bind("cred-pubkey", number, device.public_key)
        return self._devices[placeholder]


def _details(client_data: Any) -> dict[str, Any]:
    """What the client data of a recording say."""
    if not isinstance(client_data, dict):
        return {}
    told = client_data["base64url of json"]
    return {"origin": told["origin"], "type_": told["type"]}


def _sign_count(authenticator_data: Any) -> int:
    """The sign count of a recording: 1 where the data are cut short, as before and after."""
    is_whole = isinstance(authenticator_data, dict)
    return int(authenticator_data["base64url of"]["signCount"]) if is_whole else 1


def _as_recorded(answer: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """*answer* with the members that the recorded *body* has, as malformed as they are there."""
    kept = {name: value for name, value in answer.items() if name in body}
    if "type" in kept:
        kept["type"] = body["type"]
    told, response = body["response"], dict(answer["response"])
    if isinstance(told["clientDataJSON"], str):
        response["clientDataJSON"] = told["clientDataJSON"]
    cut = CUT.fullmatch(str(told.get("authenticatorData")))
    if cut is not None:
        response["authenticatorData"] = encode(decode(response["authenticatorData"])[: int(cut[1])])
    return kept | {"response": response}
