"""A browser that logs in by SAML, and the configuration that it takes."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.saml.identity_provider import EMAIL, IdentityProvider, decode_request

DONE = "http://localhost:8888/done"
DEFAULT = "http://localhost:8888/saml-default"
ENDPOINT = "https://auth.example.test"
DOMAIN = "corp.example.test"
COOKIE = "hanko_saml_state"
ADDRESS = "alice@corp.example.test"


def provider(url: str, **changes: Any) -> dict[str, Any]:
    """The settings of an identity provider at *url*."""
    return {
        "enabled": True,
        "name": "Stub IdP",
        "domain": DOMAIN,
        "metadata_url": f"{url}/metadata",
        "attribute_map": {"email_verified": "email_verified"},
        **changes,
    }


def saml(*providers: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The section ``saml`` with these *providers*."""
    return {
        "saml": {
            "enabled": True,
            "endpoint_url": ENDPOINT,
            "audience_uri": "urn:conformance",
            "default_redirect_url": DEFAULT,
            "allowed_redirect_urls": [DONE, "https://*.app.example.test/**"],
            "identity_providers": list(providers),
            **changes,
        }
    }


def person(address: str | None = ADDRESS, verified: str | None = "true") -> dict[str, Any]:
    """What a response says of somebody; None leaves an attribute out."""
    told = ((EMAIL, address), ("email_verified", verified))
    return {"attributes": [(name, (value,)) for name, value in told if value is not None]}


def place_of(answer: TestResponse) -> tuple[str, dict[str, str]]:
    """Where an answer sends the browser: the URL without its query, and the query."""
    place, _, query = answer.headers["Location"].partition("?")
    return place, dict(parse_qsl(query, keep_blank_values=True))


def error_of(answer: TestResponse) -> tuple[int, str, str | None, str | None]:
    """The status, where an answer tells of an error, and of which."""
    place, query = place_of(answer)
    return answer.status_code, place, query.get("error"), query.get("error_description")


def token_of(answer: TestResponse) -> str:
    """The one-time token that came with a success; "" without one."""
    return place_of(answer)[1].get("hanko_token", "")


class Visitor:
    """A browser with the cookie of its log-in, and the identity provider that it goes to."""

    def __init__(self, client: FlaskClient, idp: IdentityProvider, now: Callable[[], datetime]) -> None:
        self.client = client
        self.idp = idp
        self.cookie = ""
        self.relay_state = ""
        self.request_id = ""
        self.acs_url = f"{ENDPOINT}/saml/callback"
        self._now = now

    def start(
        self, redirect_to: str = DONE, *, domain: str = DOMAIN, headers: Mapping[str, str] | None = None
    ) -> TestResponse:
        """Press the button."""
        query = urlencode({"domain": domain, "redirect_to": redirect_to})
        answer = self.client.get(f"/saml/auth?{query}", headers={**self._cookies(), **(headers or {})})
        for line in answer.headers.getlist("Set-Cookie"):
            self.cookie = line.partition(";")[0]
        sent = parse_qs(urlsplit(answer.headers.get("Location", "")).query)
        if "SAMLRequest" in sent:
            request = decode_request(sent["SAMLRequest"][0])
            self.relay_state, self.request_id = sent["RelayState"][0], request.attrib["ID"]
            self.acs_url = request.attrib["AssertionConsumerServiceURL"]
        return answer

    def document(self, **changes: Any) -> str:
        """What the identity provider makes of the request."""
        answer = {
            "acs_url": self.acs_url,
            "audience": "urn:conformance",
            "request_id": self.request_id,
            "now": self._now(),
            **changes,
        }
        return self.idp.response(**answer)

    def come_back(
        self, document: str | None = None, *, relay_state: str | None = None, **headers: str
    ) -> TestResponse:
        """Post what the identity provider's page posts, as its site; "" leaves a field out."""
        fields = {
            "RelayState": self.relay_state if relay_state is None else relay_state,
            "SAMLResponse": self.document() if document is None else document,
        }
        headers = {"Origin": self.idp.base, **self._cookies(), **headers}
        form = {name: value for name, value in fields.items() if value}
        return self.client.post("/saml/callback", data=form, headers=headers)

    def log_in(self, **changes: Any) -> TestResponse:
        """Do all of it; *changes* are of what the response says."""
        self.start()
        return self.come_back(self.document(**changes))

    def _cookies(self) -> dict[str, str]:
        return {"Cookie": self.cookie} if self.cookie else {}
