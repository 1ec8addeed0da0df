"""A request to every endpoint, and all that comes back, without what differs from run to run."""

import re
import secrets
import string
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from werkzeug.test import TestResponse

from tests.authenticator import UP, UV, Authenticator
from tests.effects.caller import ORIGIN, Caller, Person, claims_of, token_of
from tests.factories import make_credential, make_username

T = TypeVar("T")
Requests: TypeAlias = Generator[tuple[str, TestResponse], None, T]

JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
CODE = re.compile(r"\b\d{6}\b")
RANDOM = {"challenge", "kid", "n", "public_key", "aaguid"}  # members
UNIMPORTANT = {"Content-Length", "Date", "X-Request-Id"}
PASSWORDS = ("1", "1234567", "12345678", "12345678901", "correct horse")


class Probe:
    """One round of requests; `lines` is what came back."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.run = "".join(secrets.choice(string.ascii_lowercase) for _ in range(8))
        self.lines: list[tuple[str, Any]] = []
        self._names = {self.run: "<run>"}
        self._numbers: dict[str, str] = {}

    def go(self) -> list[tuple[str, Any]]:
        """Send every request."""
        for name, response in self._requests():
            name = self._plain(name)
            self.lines.append((name, self._shown(response)))
            token = token_of(response)
            if token:
                claims = claims_of(token)
                claims["exp"] -= claims.pop("iat")
                self.lines.append((f"{name}: claims", self._plain(claims)))
        return self.lines

    def _requests(self) -> Iterator[tuple[str, TestResponse]]:
        yield from self._public()
        person = yield from self._sign_up()
        yield from self._passwords(person)
        yield from self._passkeys(person)
        # So many log-ins have ended the first session.
        person = yield from self._addresses(person)
        yield from self._profile(person)
        yield from self._end(person)

    def _public(self) -> Iterator[tuple[str, TestResponse]]:
        for path in ("/.well-known/config", "/.well-known/jwks.json", "/health/alive", "/health/ready", "/"):
            yield path, self.caller.get(path)
        for origin in (ORIGIN, "https://other.example.test"):
            for method in ("OPTIONS", "GET"):
                headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
                response = self.caller.client.open("/.well-known/config", method=method, headers=headers)
                yield f"{method} from {origin}", response
        for path in ("/token", "/thirdparty/auth?provider=google", "/saml/provider?domain=example.test"):
            yield path, self.caller.get(path)

    def _sign_up(self) -> Requests[Person]:
        caller, address = self.caller, f"{self.run}@example.test"
        created = caller.sign_up(address)
        yield "sign-up", created
        yield "sign-up of a username", caller.sign_up(self.run)
        yield "look-up before", caller.post("/user", {"email": address})
        user_id = created.json["user_id"]
        body = {"user_id": user_id, "email_id": created.json["email_id"]}
        begun = caller.post("/passcode/login/initialize", body)
        yield "passcode", begun
        (mail,) = caller.inbox.messages(address)
        parts = [part.get_content() for part in mail.iter_parts()]
        self.lines.append(("mail", self._plain([mail["From"], mail["Subject"], *parts])))
        for code in ("000000", caller.inbox.passcode(address)):
            response = caller.post("/passcode/login/finalize", {"id": begun.json["id"], "code": code})
            yield "passcode given", response
        yield "sign-up again", caller.sign_up(address)
        yield "look-up", caller.post("/user", {"email": address})
        yield "look-up of a username", caller.post("/user", {"email": self.run})
        return Person(UUID(user_id), UUID(created.json["email_id"]), address, token_of(response))

    def _passwords(self, person: Person) -> Iterator[tuple[str, TestResponse]]:
        for password in PASSWORDS:
            yield f"password {password}", self.caller.set_password(person, password)
        for password in (PASSWORDS[-1], "wrong password"):
            yield f"log-in with {password}", self.caller.log_in_by_password(person, password)

    def _passkeys(self, person: Person) -> Iterator[tuple[str, TestResponse]]:
        caller = self.caller
        for is_verified in (True, False):
            caller.clock.advance(seconds=1)  # passkeys are listed in the order of their age
            device, flags = Authenticator(), UP | UV if is_verified else UP
            self._names[device.id] = "<credential>"
            options = caller.creation_options(person)
            self._names[options.json["publicKey"]["user"]["id"]] = "<user handle>"
            yield "options to register", options
            answer = device.create(options.json, flags=flags)
            yield "registration", caller.post("/webauthn/registration/finalize", answer, by=person)
            for somebody in (person, None) if is_verified else (None,):
                options = caller.request_options(somebody)
                yield "options to log in", options
                answer = device.get(options.json, flags=flags)
                yield "log-in by passkey", caller.post("/webauthn/login/finalize", answer)
            yield "passkeys", caller.get("/webauthn/credentials", by=person)
            path = f"/webauthn/credentials/{device.id}"
            yield "renamed", caller.call("PATCH", path, {"name": "mine"}, by=person)
        yield "deleted", caller.call("DELETE", path, by=person)

    def _addresses(self, person: Person) -> Requests[Person]:
        caller, other = self.caller, f"other.{self.run}@example.test"
        added = caller.post("/emails", {"address": other}, by=person)
        yield "address added", added
        yield "addresses", caller.get("/emails", by=person)
        body = {"user_id": str(person.user_id), "email_id": added.json["id"]}
        begun = caller.post("/passcode/login/initialize", body, by=person)
        yield "passcode for it", begun
        body = {"id": begun.json["id"], "code": caller.inbox.passcode(other)}
        final = caller.post("/passcode/login/finalize", body, by=person)
        yield "passcode given", final
        person = replace(person, token=token_of(final))
        yield "made primary", caller.post(f"/emails/{added.json['id']}/set_primary", by=person)
        yield "deleted", caller.call("DELETE", f"/emails/{person.email_id}", by=person)
        yield "addresses", caller.get("/emails", by=person)
        return person

    def _profile(self, person: Person) -> Iterator[tuple[str, TestResponse]]:
        caller, key = self.caller, f"security-key-{self.run}"
        caller.clock.advance(seconds=1)
        with caller.services.database.connection():
            make_username(user=person.user_id, username=f"u{self.run}")
            make_credential(user=person.user_id, id=key, mfa_only=True, created_at=caller.clock())
        for path in ("/me", f"/users/{person.user_id}", "/sessions/validate"):
            yield path, caller.get(path, by=person)
            yield f"{path} without session", caller.get(path)
        yield "/me by cookie", caller.client.get("/me", headers={"Cookie": f"hanko={person.token}"})
        yield "validated", caller.post("/sessions/validate", {"session_token": person.token})
        yield "look-up", caller.post("/user", {"email": f"other.{self.run}@example.test"})

    def _end(self, person: Person) -> Iterator[tuple[str, TestResponse]]:
        caller = self.caller
        yield "deletion", caller.call("DELETE", "/user", by=person)
        yield "log-out", caller.post("/logout", by=person)
        yield "/me afterwards", caller.get("/me", by=person)
        sent = [mail for mail in caller.inbox.messages() if self.run in mail["To"]]
        self.lines.append(("mails", len(sent)))
        self.lines.append(("sessions", caller.count_sessions(person)))

    def _shown(self, response: TestResponse) -> Any:
        headers = [(name, text) for name, text in response.headers if name not in UNIMPORTANT]
        is_json = response.mimetype == "application/json"
        body = response.json if is_json else response.get_data(as_text=True)
        return response.status_code, self._plain(headers), self._plain(body)

    def _plain(self, value: Any, member: str = "") -> Any:
        """*value* without what is random or a moment in time."""
        if isinstance(value, dict):
            return {name: self._plain(inner, name) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._plain(inner, member) for inner in value]
        if not isinstance(value, str) or member in RANDOM:
            return value if not isinstance(value, str) else f"<{member}>"
        for text, name in self._names.items():
            value = value.replace(text, name)
        value = ID.sub(self._numbered, JWT.sub("<token>", value))
        return CODE.sub("<code>", TIME.sub("<time>", value))

    def _numbered(self, found: re.Match[str]) -> str:
        return self._numbers.setdefault(found[0], f"<uuid {len(self._numbers) + 1}>")


def probe(caller: Caller) -> list[tuple[str, Any]]:
    """What comes back to a request to every endpoint."""
    return Probe(caller).go()
