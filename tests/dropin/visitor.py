"""Somebody who does one thing after the other at the public door."""

from typing import Any

from werkzeug.test import TestResponse

from tests.authenticator import BE, BS, Authenticator
from tests.dropin.house import House

GOOGLE = bytes.fromhex("ea9b8d664d011d213ce4b6b48cb575d4")


class Visitor:
    """One browser, and the phone beside it. Every step expects to succeed, unless it says otherwise."""

    def __init__(self, house: House) -> None:
        self.house = house
        # As one of the passkeys in the dumps: synchronised, never counts, signs its attestation itself.
        self.device = Authenticator("RS256", aaguid=GOOGLE, counts=False, flags=BE | BS)
        self.user_id = ""
        self.email_ids: list[str] = []
        self.passcode_id = ""
        self.tokens: list[str] = []
        self.options: dict[str, Any] = {}

    def sign_up(self, address: str) -> None:
        made = self._call("POST", "/users", {"email": address}).json
        self.user_id = made["user_id"]
        self.email_ids.append(made["email_id"])

    def ask_for_passcode(self) -> None:
        """To the newest address."""
        body = {"user_id": self.user_id, "email_id": self.email_ids[-1]}
        self.passcode_id = self._call("POST", "/passcode/login/initialize", body).json["id"]

    def log_in_by_passcode(self, address: str) -> None:
        body = {"id": self.passcode_id, "code": self.house.inbox.passcode(address)}
        self._remember(self._call("POST", "/passcode/login/finalize", body))

    def set_password(self, password: str) -> None:
        body = {"user_id": self.user_id, "password": password}
        self._call("PUT", "/password", body, expected=(200, 201))

    def log_in(self, password: str, status: int) -> None:
        body = {"user_id": self.user_id, "password": password}
        self._call("POST", "/password/login", body, expected=(status,))

    def begin_registration(self) -> None:
        self.options = self._call("POST", "/webauthn/registration/initialize", {}).json

    def register(self) -> None:
        answer = self.device.create(self.options, fmt="packed", transports=["internal", "hybrid"])
        self._call("POST", "/webauthn/registration/finalize", answer)

    def rename(self) -> None:
        self._call("PATCH", f"/webauthn/credentials/{self.device.id}", {"name": "Laptop 💻"})

    def begin_log_in(self, *, named: bool = False) -> None:
        body = {"user_id": self.user_id} if named else {}
        self.options = self._call("POST", "/webauthn/login/initialize", body).json

    def log_in_by_passkey(self) -> None:
        self._remember(self._call("POST", "/webauthn/login/finalize", self.device.get(self.options)))

    def add_address(self, address: str) -> None:
        self.email_ids.append(self._call("POST", "/emails", {"address": address}).json["id"])

    def make_primary(self) -> None:
        """The newest address."""
        self._call("POST", f"/emails/{self.email_ids[-1]}/set_primary", expected=(204,))

    def delete_first_address(self) -> None:
        self._call("DELETE", f"/emails/{self.email_ids[0]}", expected=(204,))

    def log_out(self) -> None:
        """Of the newest session."""
        self._call("POST", "/logout", expected=(204,))
        self.tokens.pop()

    def delete_passkey(self) -> None:
        self._call("DELETE", f"/webauthn/credentials/{self.device.id}", expected=(204,))

    def delete_account(self) -> None:
        self._call("DELETE", "/user", expected=(204,))

    def _remember(self, answer: TestResponse) -> None:
        self.tokens.append(answer.headers["X-Auth-Token"])

    def _call(
        self, method: str, path: str, body: object = None, *, expected: tuple[int, ...] = (200,)
    ) -> TestResponse:
        headers = {"User-Agent": "fixture/1.0"}
        if self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens[-1]}"
        response = self.house.client.open(path, method=method, json=body or {}, headers=headers)
        assert response.status_code in expected, (path, response.json)
        return response
