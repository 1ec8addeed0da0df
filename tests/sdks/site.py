"""What the SDKs talk to: a server whose backend door lies behind nginx, beside the public one."""

import contextlib
import http.client
import re
import secrets
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID

import jwt

from tests.backend.server import basic
from tests.servers.hanko_compat import Answer, ApiSecret, HankoCompat, message, parse
from tests.servers.nginx import Nginx
from tests.servers.process import PATIENCE, free_port
from tests.servers.run import Run
from tests.settings import settings_on
from tests.signing_keys import private_jwk
from tests.smtp import MailServer, Received

COOKIE = "cbo_session_token"
CLIENT = {
    "remoteAddress": "203.0.113.7",
    "userAgent": "Mozilla/5.0",
    "userVerifyingPlatformAuthenticatorAvailable": True,
    "conditionalMediationAvailable": True,
    "parsedDeviceInfo": {
        "browserName": "Firefox",
        "browserVersion": "144.0",
        "osName": "Linux",
        "osVersion": "6.1",
    },
}
"""What a backend says of the browser that it acts for."""


class SiteNginx(Nginx):
    """nginx on a port that is known before it starts: the issuer of tokens has it in its name."""

    def __init__(self, run: Run) -> None:
        super().__init__(run, upstream_port=1, backend_upstream_port=free_port())
        self.site_port = free_port()

    @property
    def port(self) -> int:
        return self.site_port


@dataclass
class Site:
    """A running site, and the secret that opens its backend door."""

    nginx: SiteNginx
    server: HankoCompat
    mail_server: MailServer
    secret: ApiSecret

    @property
    def frontend_api(self) -> str:
        """What SDKs call so: where keys are, and who issues tokens."""
        return f"https://localhost:{self.nginx.port}"

    @property
    def backend_api(self) -> str:
        """What SDKs call so."""
        return f"https://localhost:{self.nginx.backend_port}"

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Send a request as a browser."""
        return self._send(self.nginx.port, method, path, message(body, headers))

    def call(self, method: str, path: str, body: object = None) -> Answer:
        """Send a request below ``/v2`` by hand."""
        return self._send(
            self.nginx.backend_port,
            method,
            f"/v2{path}",
            message(body, basic(self.secret.project_id, self.secret.secret)),
        )

    def _send(self, port: int, method: str, path: str, request: Mapping[str, Any]) -> Answer:
        context = ssl.create_default_context(cafile=self.nginx.ca)
        connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, **request)
            response = connection.getresponse()
            return Answer(response.status, response.headers, parse(response.read()))

    def log_in(self, address: str) -> "LoggedIn":
        """Log in at the public door with the passcode of a mail."""
        user = self.ask("POST", "/user", {"email": address}).body
        target = {"user_id": user["id"], "email_id": user["email_id"]}
        number = len(self.mails(address)) + 1
        passcode = self.ask("POST", "/passcode/login/initialize", target).body
        body = {"id": passcode["id"], "code": self.passcode(address, number=number)}
        answer = self.ask("POST", "/passcode/login/finalize", body)
        assert answer.status == 200, answer.body
        cookies: SimpleCookie = SimpleCookie()
        for each in answer.headers.get_all("Set-Cookie"):
            cookies.load(each)
        return LoggedIn(self, cookies["hanko"].value, cookies[COOKIE].value)

    def mails(self, address: str) -> list[Received]:
        """The mails to an address. They go where letter case is folded."""
        return self.mail_server.mails(address.lower())

    def passcode(self, address: str, *, number: int = 1) -> str:
        """The passcode in the mail of this number to an address; waits for it."""
        subject = self.mail_server.wait_for_mail(address.lower(), number=number).message["Subject"]
        return re.search(r"\b[0-9]{6}\b", subject)[0]  # type: ignore[index]

    def sign(self, **changes: Any) -> str:
        """A token of the server's own key; a claim that is None is left out."""
        key = private_jwk()
        claims = {"iss": self.frontend_api, "sub": "usr-1", "name": "Jane", "exp": 4_000_000_000} | changes
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, jwt.PyJWK(key).key, algorithm="RS256", headers={"kid": key["kid"]})


@dataclass
class LoggedIn:
    """A browser with a session: the cookie of the public door, and the one that SDKs verify."""

    site: Site
    cookie: str
    token: str

    def me(self) -> Answer:
        """Ask the public door who this is."""
        return self.site.ask("GET", "/me", Authorization=f"Bearer {self.cookie}")

    def validate(self) -> Any:
        """Ask the public door about the session."""
        return self.site.ask("GET", "/sessions/validate", Authorization=f"Bearer {self.cookie}").body


def start_site(run: Run, *, database_url: str, mail_server: MailServer, changes: Mapping[str, Any]) -> Site:
    """Start server and nginx and make a secret; *changes* are of the configuration."""
    nginx = SiteNginx(run)
    origin = f"https://localhost:{nginx.port}"
    settings = {
        "webauthn.relying_party": {"id": "localhost", "origins": [origin]},
        "email_delivery.smtp": {"host": "127.0.0.1", "port": str(mail_server.port)},
        "session.cookie.secure": True,
        "hanko_compat.public_url": origin,
        "hanko_compat.trusted_proxies": ["127.0.0.1/32"],
        "hanko_compat.backend_api.bind": f"127.0.0.1:{nginx.backend_upstream_port}",
        "hanko_compat.backend_api.session_token": True,
        "hanko_compat.backend_api.session_token_issuer": origin,
    }
    server = HankoCompat(run, settings_on(database_url, settings | dict(changes)), workers=1)
    server.start()
    nginx.upstream_port = server.port
    nginx.start()
    return Site(nginx, server, mail_server, server.create_secret())


def address() -> str:
    """An address such as the SDKs' own tests send: upper case and all."""
    return f"Integration-Test+{secrets.token_hex(5)}X@Example.com"


def uuid_of(user_id: str) -> UUID:
    """The UUID in ``usr-…``."""
    return UUID(int=int(user_id.removeprefix("usr-")))
