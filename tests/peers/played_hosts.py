"""The hosts of Apple, GitHub and Google, in their documented form, played by one server of this machine.

https://developers.google.com/identity/protocols/oauth2/web-server
https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
https://developer.apple.com/documentation/signinwithapplerestapi
"""

import base64
import hashlib
import html
import json
import secrets
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt

from tests.servers.certificates import Authority
from tests.signing_keys import private_jwk

HOSTS = (
    "accounts.google.com",
    "oauth2.googleapis.com",
    "www.googleapis.com",
    "github.com",
    "api.github.com",
    "appleid.apple.com",
)
SECRET = "secret-of-a-registration-in-tests"
NAMES = ("Apple", "GitHub", "Google")
REGISTRATIONS = {
    f"third_party.providers.{name.lower()}": {
        "enabled": True,
        "client_id": f"{name}-client",
        "secret": SECRET,
    }
    for name in NAMES
}
"""The settings of a server that is registered with all of them."""
ISSUERS = {"Apple": "https://appleid.apple.com", "Google": "https://accounts.google.com"}


@dataclass(frozen=True)
class Person:
    """Somebody with an account at each provider."""

    subject: str
    email: str
    is_verified: bool = True
    name: str = "Alice Example"


@dataclass(frozen=True)
class Answer:
    """What is answered: JSON, a page, or where to go."""

    body: Any = ""
    status: int = 200
    location: str = ""


class PlayedHosts:
    """The server. Whoever comes is ``person``, and has to press a button."""

    def __init__(self, authority: Authority) -> None:
        self.person = Person("1001", "alice@example.test")
        self.exchanged: list[dict[str, str]] = []
        self.authority = authority
        self._key = private_jwk()
        self._codes: dict[str, tuple[Person, dict[str, str]]] = {}
        self._tokens: dict[str, Person] = {}

    def __enter__(self) -> "PlayedHosts":
        hosts = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hosts.serve(self)

            do_POST = do_GET  # noqa: N815 - the library's name

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True  # browsers keep connections that they do not use
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # browsers hang up
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.authority.issue(*HOSTS))
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def ports(self) -> dict[str, int]:
        """Where each host is."""
        return dict.fromkeys(HOSTS, int(self._server.server_address[1]))

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        """Answer a request by host and path."""
        url = urlsplit(request.path)
        form = request.rfile.read(int(request.headers.get("Content-Length", "0"))).decode()
        asked = dict(parse_qsl(url.query)) | dict(parse_qsl(form))
        route = ROUTES.get(f"{request.headers['Host']}{url.path}")
        token = request.headers.get("Authorization", "").partition(" ")[2]
        if route is None:
            answer = Answer("not played", 404)
        elif request.command == "GET" and route.is_for_people:
            answer = Answer(PAGE.format(name=html.escape(route.name)))
        else:
            answer = route.answer(self, Asked(route.name, asked, token, request.headers.get("Accept", "")))
        send(request, answer)

    def leave(self, asked: "Asked") -> Answer:
        """Send somebody who has pressed a button back to the application (RFC 6749 s. 4.1.2)."""
        told = {"state": asked.parameters["state"]}
        if asked.parameters.get("answer") == "no":
            told["error"] = "user_cancelled_authorize" if asked.provider == "Apple" else "access_denied"
        else:
            told["code"] = secrets.token_urlsafe(16)
            self._codes[told["code"]] = (self.person, asked.parameters)
        redirect_uri = asked.parameters["redirect_uri"]
        if asked.parameters.get("response_mode") == "form_post":
            fields = "".join(FIELD.format(name=name, value=html.escape(told[name])) for name in told)
            return Answer(FORM_POST.format(action=html.escape(redirect_uri), fields=fields))
        return Answer(status=302, location=f"{redirect_uri}?{urlencode(told)}")

    def exchange(self, asked: "Asked") -> Answer:
        """Give tokens for a code (RFC 6749 s. 4.1.3, RFC 7636 s. 4.6)."""
        self.exchanged.append(asked.parameters)
        person, authorized = self._codes.pop(asked.parameters.get("code", ""), (None, {}))
        if person is None or not self._is_the_one(asked, authorized):
            return self._refused(asked)
        token = secrets.token_urlsafe(16)
        self._tokens[token] = person
        given = {"access_token": token, "token_type": "Bearer", "expires_in": 3600}
        if asked.provider == "GitHub":
            given = {"access_token": token, "token_type": "bearer", "scope": "user:email"}
            return Answer(given if "json" in asked.accept else urlencode(given))
        return Answer(given | {"id_token": self._id_token(asked.provider, person, authorized)})

    def google_user(self, asked: "Asked") -> Answer:
        """www.googleapis.com/oauth2/v3/userinfo."""
        person = self._tokens[asked.token]
        given_name, _, family_name = person.name.partition(" ")
        return Answer(
            {
                "sub": person.subject,
                "name": person.name,
                "given_name": given_name,
                "family_name": family_name,
                "picture": "https://lh3.googleusercontent.com/a/picture=s96-c",
                "email": person.email,
                "email_verified": person.is_verified,
            }
        )

    def github_user(self, asked: "Asked") -> Answer:
        """api.github.com/user."""
        person = self._tokens[asked.token]
        return Answer({"login": "alice", "id": int(person.subject), "name": person.name, "email": None})

    def github_emails(self, asked: "Asked") -> Answer:
        """api.github.com/user/emails."""
        person = self._tokens[asked.token]
        verified = {"verified": person.is_verified, "visibility": "private"}
        noreply = {"email": f"{person.subject}+alice@users.noreply.github.com", "primary": False}
        return Answer([noreply | verified, {"email": person.email, "primary": True} | verified])

    def keys(self, _asked: "Asked") -> Answer:
        """The keys of ID tokens."""
        public = {name: self._key[name] for name in ("kty", "n", "e", "kid")}
        return Answer({"keys": [public | {"use": "sig", "alg": "RS256"}]})

    def _is_the_one(self, asked: "Asked", authorized: Mapping[str, str]) -> bool:
        """Whether code, client and verifier belong together. A client may log in by header or by form."""
        form = asked.parameters
        basic = base64.b64encode(f"{authorized['client_id']}:{SECRET}".encode()).decode()
        posted = (form.get("client_id"), form.get("client_secret")) == (authorized["client_id"], SECRET)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        has_verified = authorized.get("code_challenge", "") in ("", challenge.decode().rstrip("="))
        is_same_uri = form.get("redirect_uri") == authorized["redirect_uri"]
        return (posted or asked.token == basic) and has_verified and is_same_uri

    def _refused(self, asked: "Asked") -> Answer:
        if asked.provider == "GitHub":
            return Answer({"error": "bad_verification_code", "error_description": "The code is wrong."})
        return Answer({"error": "invalid_grant", "error_description": "Bad Request"}, 400)

    def _id_token(self, provider: str, person: Person, authorized: Mapping[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": ISSUERS[provider],
            "aud": authorized["client_id"],
            "sub": person.subject,
            "email": person.email,
            "email_verified": person.is_verified,
            "iat": now,
            "exp": now + 3600,
        }
        if provider == "Apple":
            claims["nonce_supported"] = True
        if "nonce" in authorized:
            claims["nonce"] = authorized["nonce"]
        headers = {"kid": self._key["kid"]}
        return jwt.encode(claims, jwt.PyJWK(self._key).key, algorithm="RS256", headers=headers)


@dataclass(frozen=True)
class Asked:
    """A request, as far as it matters: what is behind the scheme in ``Authorization`` is ``token``."""

    provider: str
    parameters: dict[str, str]
    token: str
    accept: str


@dataclass(frozen=True)
class Route:
    """What is played at a URL."""

    name: str
    answer: Callable[[PlayedHosts, Asked], Answer]
    is_for_people: bool = False


ROUTES = {
    "accounts.google.com/o/oauth2/auth": Route("Google", PlayedHosts.leave, is_for_people=True),
    "oauth2.googleapis.com/token": Route("Google", PlayedHosts.exchange),
    "www.googleapis.com/oauth2/v3/userinfo": Route("Google", PlayedHosts.google_user),
    "www.googleapis.com/oauth2/v3/certs": Route("Google", PlayedHosts.keys),
    "github.com/login/oauth/authorize": Route("GitHub", PlayedHosts.leave, is_for_people=True),
    "github.com/login/oauth/access_token": Route("GitHub", PlayedHosts.exchange),
    "api.github.com/user": Route("GitHub", PlayedHosts.github_user),
    "api.github.com/user/emails": Route("GitHub", PlayedHosts.github_emails),
    "appleid.apple.com/auth/authorize": Route("Apple", PlayedHosts.leave, is_for_people=True),
    "appleid.apple.com/auth/token": Route("Apple", PlayedHosts.exchange),
    "appleid.apple.com/auth/keys": Route("Apple", PlayedHosts.keys),
}

PAGE = """<!doctype html>
<html lang="en">
  <link rel="icon" href="data:,">
  <title>{name}</title>
  <h1>Log in with {name}</h1>
  <form method="post">
    <button name="answer" value="yes">Yes, it is me</button>
    <button name="answer" value="no">Cancel</button>
  </form>
</html>"""
FIELD = '<input type="hidden" name="{name}" value="{value}">'
FORM_POST = """<!doctype html>
<html lang="en">
  <title>Back to the application</title>
  <form method="post" action="{action}">{fields}</form>
  <script>document.forms[0].submit()</script>
</html>"""


def send(request: BaseHTTPRequestHandler, answer: Answer) -> None:
    """Send an answer of which only the kind of the body says what type it has."""
    is_json = not isinstance(answer.body, str)
    body = (json.dumps(answer.body) if is_json else answer.body).encode()
    text = "text/html" if body.startswith(b"<") else "application/x-www-form-urlencoded"
    request.send_response(answer.status)
    request.send_header("Content-Type", "application/json" if is_json else text)
    request.send_header("Content-Length", str(len(body)))
    if answer.location:
        request.send_header("Location", answer.location)
    request.end_headers()
    request.wfile.write(body)
