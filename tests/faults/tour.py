"""The log-in tour: one user after the other goes every way in, over HTTP, and servers look on."""

import re
from typing import Any

from tests.authenticator import Authenticator
from tests.backend.server import basic
from tests.servers.hanko_compat import Answer, HankoCompat
from tests.smtp import MailServer

PASSWORD = "correct horse"
SETTINGS = {
    "session.enable_auth_token_header": True,
    "session.limit": 10,
    # So that the tables of limits are written to.
    "rate_limiter.enabled": True,
    "rate_limiter.passcode_limits": {"tokens": 1000, "interval": "1m"},
    "hanko_compat.limits": {
        name: {"tokens": 10_000}
        for name in (
            "login_per_client",
            "signup",
            "lookup",
            "passkey_challenges",
            "mail_per_client",
            "mail_in_total",
        )
    },
}
LISTS = ("users", "identifiers", "sessions", "socialAccounts", "webhookEndpoints")


def settings(mails: MailServer) -> dict[str, Any]:
    """Those with which a server's tour is made; mails go to *mails*."""
    return SETTINGS | {"email_delivery.smtp": {"host": "127.0.0.1", "port": str(mails.port)}}


class Tour:
    """Visitors of *server*, whose mails arrive at *mails*. Each step expects to succeed."""

    def __init__(self, server: HankoCompat, mails: MailServer) -> None:
        self.server = server
        self.mails = mails
        secret = server.create_secret()
        self.backend = basic(secret.project_id, secret.secret)

    def go(self, address: str) -> str:
        """Sign up, and log in by passcode, password and passkey; return the user's id."""
        body = self.call("POST", "/users", {"email": address}).body
        token = self.by_passcode(body, address)
        user_id = str(body["user_id"])
        me = self.call("GET", "/me", token=token)
        assert me.body["id"] == user_id
        self.call("PUT", "/password", {"user_id": user_id, "password": PASSWORD}, token=token, status=201)
        found = self.call("POST", "/user", {"email": address}).body
        assert found["id"] == user_id
        answer = self.call("POST", "/password/login", {"user_id": user_id, "password": PASSWORD})
        self.is_live(token := answer.headers["X-Auth-Token"])
        device = Authenticator()
        options = self.call("POST", "/webauthn/registration/initialize", {}, token=token).body
        self.call("POST", "/webauthn/registration/finalize", device.create(options), token=token)
        for who in ({"user_id": user_id}, {}):
            options = self.call("POST", "/webauthn/login/initialize", who).body
            answer = self.call("POST", "/webauthn/login/finalize", device.get(options))
            self.is_live(answer.headers["X-Auth-Token"])
        self.call("POST", "/logout", {}, token=token, status=204)
        assert not self.call("POST", "/sessions/validate", {"session_token": token}).body["is_valid"]
        return user_id

    def by_passcode(self, user: dict[str, str], address: str) -> str:
        """Log in by a passcode; return the token."""
        wanted = {"user_id": user["user_id"], "email_id": user["email_id"]}
        started = self.call("POST", "/passcode/login/initialize", wanted).body
        (code,) = re.findall(r"\b[0-9]{6}\b", self.mails.wait_for_mail(address).message["Subject"])
        done = self.call("POST", "/passcode/login/finalize", {"id": started["id"], "code": code})
        return str(done.headers["X-Auth-Token"])

    def is_live(self, token: str) -> None:
        """See that the session is one in all places."""
        assert self.call("POST", "/sessions/validate", {"session_token": token}).body["is_valid"]
        assert self.call("GET", "/sessions/validate", token=token).body["is_valid"]
        assert self.call("GET", "/me", token=token).status == 200

    def look_from_behind(self) -> None:
        """Read every list of the backend door, page by page, and make, change and delete a user."""
        for name in LISTS:
            for query in ("pageSize=2&page=1", "pageSize=1&page=3"):
                self.call("GET", f"/v2/{name}?{query}", **self.backend)
        self.call("GET", "/v2/users?sort=created:desc&filter[]=status:eq:active", **self.backend)
        made = self.call("POST", "/v2/users", {"status": "active", "fullName": "Jane"}, **self.backend).body
        path = f"/v2/users/{made['userID']}"
        identifier = {"identifierType": "email", "identifierValue": f"{made['userID']}@example.test"}
        self.call("POST", f"{path}/identifiers", identifier | {"status": "primary"}, **self.backend)
        self.call("PATCH", path, {"fullName": "Jane Doe"}, **self.backend)
        for name in ("credentials", "passkeyEvents", "socialAccounts", "passkeyChallenges"):
            self.call("GET", f"{path}/{name}", **self.backend)
        self.call("DELETE", path, **self.backend)

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str = "",
        status: int = 200,
        **headers: str,
    ) -> Answer:
        """Send a request."""
        if token:
            headers["Authorization"] = f"Bearer {token}"
        answer = self.server.request(method, path, body, **headers)
        assert answer.status == status, (method, path, answer.body, self.server.log.read_text()[-3000:])
        return answer
