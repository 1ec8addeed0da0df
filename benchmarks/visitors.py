"""Who comes to a server during the soak: browsers of all kinds, and a customer's server at ``/v2``.

Some make an account and delete it again, others have had theirs from the beginning. Much is begun and never
finished.
"""

import json
from collections.abc import Sequence
from itertools import count
from threading import Lock
from typing import Any, Protocol
from urllib.parse import urlencode

from benchmarks.visits import Caller, Reply
from tests.authenticator import Authenticator
from tests.backend.ceremonies import INFORMATION, PROCESS
from tests.oidc_provider import OidcProvider
from tests.saml.identity_provider import IdentityProvider, decode_request
from tests.saml_visitor import DOMAIN, person
from tests.third_party import DONE

PASSWORD = "a password of the soak"
MEMBERS = 8
LIFETIME = 30  # seconds, of what a customer's server has made
EVENTS = ("user.created", "user.updated", "user.deleted")
EVENTS += ("passkey.created", "passkey.deleted", "passkey-login.completed")


def newcomer(caller: Caller, number: int, *, password: str = "") -> None:
    """Sign up, look around, and delete the account."""
    address = f"visitor{number}@example.com"
    caller.call("GET", "/.well-known/config")
    caller.call("POST", "/webauthn/login/initialize", {})  # of the form's fields, and nobody answers
    made = caller.call("POST", "/users", {"email": address})
    me, token = made.json["user_id"], made.session
    try:
        for _ in range(4):
            caller.call("GET", "/sessions/validate", token=token)
        caller.call("GET", "/me", token=token)
        caller.call("GET", f"/users/{me}", token=token)
        caller.call("POST", "/user", {"email": address})
        caller.call("POST", "/webauthn/registration/initialize", {}, token=token)
        sent = caller.call("POST", "/passcode/login/initialize", {"user_id": me})  # nobody reads the mail
        if password:  # so few guess wrong, too, as that is counted for days
            wrong = {"id": sent.json["id"], "code": "wrong"}
            caller.call("POST", "/passcode/login/finalize", wrong, expected=401)
            caller.call("PUT", "/password", {"user_id": me, "password": password}, token=token)
            token = caller.call("POST", "/password/login", {"user_id": me, "password": password}).session
    finally:
        caller.call("DELETE", "/user", token=token)


def newcomer_with_password(caller: Caller, number: int) -> None:
    """The same with a password, whose hashes cost more than all the rest."""
    newcomer(caller, number, password=PASSWORD)


class Members:
    """Users with passkeys, who log in time and again; half of them log out."""

    def __init__(self, caller: Caller) -> None:
        self._lock = Lock()  # a device counts what it signs, and is asked in this order
        self._devices = [self._join(caller, number) for number in range(MEMBERS)]

    def __call__(self, caller: Caller, number: int) -> None:
        """Visit."""
        token = self._log_in(caller, self._devices[number % MEMBERS])
        caller.call("GET", "/me", token=token)
        caller.call("GET", "/emails", token=token)
        if number % 2:
            caller.call("POST", "/logout", token=token)

    def _join(self, caller: Caller, number: int) -> Authenticator:
        token = caller.call("POST", "/users", {"email": f"member{number}@example.com"}).session
        device = Authenticator()
        options = caller.call("POST", "/webauthn/registration/initialize", {}, token=token).json
        caller.call("POST", "/webauthn/registration/finalize", device.create(options), token=token)
        for session in (
            token,
            self._log_in(caller, device),
        ):  # what is known of a passkey begins with its use
            caller.call("POST", "/logout", token=session)
        return device

    def _log_in(self, caller: Caller, device: Authenticator) -> str:
        options = caller.call("POST", "/webauthn/login/initialize", {}).json
        with self._lock:
            return caller.call("POST", "/webauthn/login/finalize", device.get(options)).session


class Elsewhere(Protocol):
    """A place where browsers are sent to log in."""

    name: str

    def start(self, caller: Caller) -> Reply:
        """Press the button."""

    def come_back(self, caller: Caller, started: Reply, address: str) -> Reply:
        """Come back as whoever has this address."""


class Provider:
    """A provider of OAuth 2.0."""

    name = "provider"

    def __init__(self, server: OidcProvider) -> None:
        self._server = server

    def start(self, caller: Caller) -> Reply:
        """Press the button."""
        query = urlencode({"provider": "custom_soak", "redirect_to": DONE})
        return caller.call("GET", f"/thirdparty/auth?{query}", expected=307)

    def come_back(self, caller: Caller, started: Reply, address: str) -> Reply:
        """Come back with a code."""
        code = self._server.grant({"sub": address, "email": address, "email_verified": True})
        query = urlencode({"code": code, "state": started.query["state"]})
        return caller.call("GET", f"/thirdparty/callback?{query}", expected=307, **started.cookie)


class Saml:
    """An identity provider that speaks SAML."""

    name = "saml"

    def __init__(self, server: IdentityProvider) -> None:
        self._server = server

    def start(self, caller: Caller) -> Reply:
        """Press the button."""
        query = urlencode({"domain": DOMAIN, "redirect_to": DONE})
        return caller.call("GET", f"/saml/auth?{query}", expected=307)

    def come_back(self, caller: Caller, started: Reply, address: str) -> Reply:
        """Come back with a form that the identity provider has signed."""
        request = decode_request(started.query["SAMLRequest"]).attrib
        response = self._server.response(
            request_id=request["ID"],
            acs_url=request["AssertionConsumerServiceURL"],
            audience="urn:conformance",
            subject=address,
            attributes=person(address)["attributes"],
        )
        form = urlencode({"SAMLResponse": response, "RelayState": started.query["RelayState"]})
        return caller.call(
            "POST", "/saml/callback", form, expected=302, Origin=self._server.base, **started.cookie
        )


class Redirected:
    """Log-ins elsewhere: of four one stays there, one exchanges no token, one is of a new user who leaves."""

    def __init__(self, caller: Caller, elsewhere: Elsewhere) -> None:
        self._elsewhere = elsewhere
        self._numbers = count(1)
        self._member = f"{elsewhere.name}@{DOMAIN}"
        caller.call("POST", "/logout", token=self._log_in(caller, self._member))

    def __call__(self, caller: Caller, number: int) -> None:
        """Visit."""
        match next(self._numbers) % 4:
            case 0:
                self._elsewhere.start(caller)
            case 1:
                self._arrive(caller, self._member)
            case 2:
                token = self._log_in(caller, f"{self._elsewhere.name}{number}@{DOMAIN}")
                caller.call("DELETE", "/user", token=token)
            case _:
                caller.call("GET", "/me", token=self._log_in(caller, self._member))

    def _log_in(self, caller: Caller, address: str) -> str:
        return caller.call("POST", "/token", {"value": self._arrive(caller, address)}).session

    def _arrive(self, caller: Caller, address: str) -> str:
        """Come back with a one-time token."""
        query = self._elsewhere.come_back(caller, self._elsewhere.start(caller), address).query
        return query.get("hanko_token") or caller.refuse(f"{self._elsewhere.name}: {query}")


class Customer:
    """A server that keeps its users here, and deletes each in the end; *hook_url* gets their events."""

    def __init__(self, caller: Caller, credentials: dict[str, str], *, hook_url: str) -> None:
        self._credentials = credentials
        self._hook_url = hook_url
        self._add_hook(caller, EVENTS)

    def __call__(self, caller: Caller, number: int) -> None:
        """Visit."""
        user_id = self._call(caller, "POST", "/users", {"status": "active"})["userID"]
        try:
            self._add_addresses(caller, user_id, f"customer{number}@example.com")
            self._use_passkey(caller, user_id)
            self._note(caller, user_id, number)
            self._make_connect_tokens(caller)
            for name in ("users", "sessions", "identifiers", "connectTokens"):
                self._call(caller, "GET", f"/{name}?pageSize=5")
            hook = self._add_hook(caller, EVENTS[:1])
            self._call(caller, "DELETE", f"/webhookEndpoints/{hook}")
        finally:
            self._call(caller, "DELETE", f"/users/{user_id}")

    def _add_addresses(self, caller: Caller, user_id: str, address: str) -> None:
        """One that is confirmed, and a code that nobody types."""
        body = {"identifierType": "email", "identifierValue": address, "status": "pending"}
        made = self._call(caller, "POST", f"/users/{user_id}/identifiers", body)
        wanted = {
            "challengeType": "email_otp",
            "identifierValue": address,
            "lifetimeSeconds": LIFETIME,
            "clientInformation": INFORMATION,
        }
        sent, _ = (self._call(caller, "POST", f"/users/{user_id}/challenges", wanted) for _ in range(2))
        path = f"/users/{user_id}/challenges/{sent['challengeID']}"
        self._call(caller, "PATCH", path, {"value": sent["value"]})
        path = f"/users/{user_id}/identifiers/{made['identifierID']}"
        self._call(caller, "PATCH", path, {"status": "primary"})

    def _use_passkey(self, caller: Caller, user_id: str) -> None:
        """Make one, log in with it for a session that is ended, and begin what is never finished."""
        device, whose = Authenticator(), {"userID": user_id, "clientInformation": INFORMATION}
        whose |= {"processID": PROCESS}
        body = {"username": "customer", "passkeyIntelFlags": {"forcePasskeyAppend": True}}
        started = self._call(caller, "POST", "/passkey/append/start", whose | body)
        made = device.create(json.loads(started["attestationOptions"]), transports=["internal"])
        self._call(
            caller, "POST", "/passkey/append/finish", whose | {"attestationResponse": json.dumps(made)}
        )
        wanted = whose | {"crossDeviceAuthenticationStrategy": "standard"}
        started, _ = (self._call(caller, "POST", "/passkey/login/start", wanted) for _ in range(2))
        signed = device.get(json.loads(started["assertionOptions"]))
        body = {"assertionResponse": json.dumps(signed), "signPasskeyData": True}
        data = self._call(caller, "POST", "/passkey/login/finish", whose | body)["signedPasskeyData"]
        self._call(caller, "POST", "/passkey/postLogin", {"signedPasskeyData": data})
        self._call(caller, "POST", "/passkey/mediation/start", {"clientInformation": INFORMATION})
        path = f"/sessions?filter[]=userID:eq:{user_id.partition('-')[2]}"
        for session in self._call(caller, "GET", path)["sessions"]:
            self._call(caller, "POST", f"/sessions/{session['sessionID']}/revoke")

    def _note(self, caller: Caller, user_id: str, number: int) -> None:
        """Tell of what happened elsewhere."""
        account = {
            "providerType": "google",
            "identifierValue": "customer",
            "foreignID": str(number),
            "avatarURL": "https://example.com/picture.png",
            "fullName": "A Customer",
        }
        self._call(caller, "POST", f"/users/{user_id}/socialAccounts", account)
        self._call(caller, "POST", f"/users/{user_id}/passkeyEvents", {"eventType": "login-error"})
        event = {
            "username": "customer",
            "eventType": "login",
            "method": "password",
            "status": "failure",
            "clientInformation": INFORMATION,
        }
        self._call(caller, "POST", f"/users/{user_id}/authEvents", event)
        self._call(caller, "GET", f"/users/{user_id}/passkeyChallenges")

    def _make_connect_tokens(self, caller: Caller) -> None:
        """One that is used, one that is deleted, one that nobody needs."""
        body = {"type": "passkey-login", "data": {"identifier": "customer"}, "maxLifetimeInSeconds": LIFETIME}
        used, deleted, _ = (self._call(caller, "POST", "/connectTokens", body)["id"] for _ in range(3))
        self._call(caller, "PATCH", f"/connectTokens/{used}", {"status": "consumed"})
        self._call(caller, "DELETE", f"/connectTokens/{deleted}")

    def _add_hook(self, caller: Caller, events: Sequence[str]) -> str:
        body = {"url": self._hook_url, "subscribedEvents": list(events), "customHeaders": {}}
        found: str = self._call(caller, "POST", "/webhookEndpoints", body)["id"]
        return found

    def _call(self, caller: Caller, method: str, path: str, body: object = None) -> Any:
        return caller.call(method, f"/v2{path}", body, **self._credentials).json
