"""What a browser carries to a SAML identity provider and back, and what that one says."""

import ast
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from tests.contract.comparison import parse_cookie
from tests.contract.wire import Answer
from tests.saml import signing
from tests.saml.identity_provider import IdentityProvider, decode_request
from tests.saml_visitor import COOKIE

AUDIENCE = "urn:conformance"


class SamlBrowser:
    """Learns requests from answers, and knows the values of the placeholders of what comes back."""

    def __init__(self, idp: IdentityProvider | None, now: Callable[[], datetime]) -> None:
        self._idp = idp
        self._now = now
        self._relay_state = ""
        self._request_id: str | None = None
        self._acs_url = ""
        self._cookie = ""
        self._token = ""

    def learn(self, answer: Answer) -> None:
        """Remember a request on its way to the identity provider, and the cookie that came with it."""
        for location in answer.values("Location"):
            query = parse_qs(urlsplit(location).query)
            if "SAMLRequest" in query:
                request = decode_request(query["SAMLRequest"][0])
                self._relay_state, self._request_id = query["RelayState"][0], request.attrib["ID"]
                self._acs_url = request.attrib["AssertionConsumerServiceURL"]
            self._token = query.get("hanko_token", [self._token])[0]
        for text in answer.values("Set-Cookie"):
            cookie = parse_cookie(text)
            if cookie["name"] == COOKIE:
                self._cookie = f"{COOKIE}={cookie['value']}"

    def fill(self, step: dict[str, Any], fill: Callable[[str], str]) -> dict[str, Any]:
        """*step* with values in place of its placeholders; *fill* knows those of the scenario."""
        request = step["request"]
        if self._token and request.get("body", {}).get("json") == {"value": "<token>"}:
            return {**step, "request": {**request, "body": {"json": {"value": self._token}}}}
        text = str(request.get("body", {}).get("text"))
        if request["path"] != "/saml/callback" or self._idp is None:
            return step
        is_ours = "<relay-state>" in text
        text = text.replace("<relay-state>", quote(self._relay_state, safe=""))
        if "<response>" in text:
            document = self._response(fill(step["note"]), is_ours=is_ours)
            text = text.replace("SAMLResponse=<response>", urlencode({"SAMLResponse": document}))
        body = {"body": {"text": text}} if "body" in request else {}
        headers = {**request.get("headers", {}), **({"Cookie": self._cookie} if is_ours else {})}
        return {**step, "request": {**request, **body, "headers": headers}}

    def _response(self, note: str, *, is_ours: bool) -> str:
        """The response that the *note* of a step describes."""
        said, told = said_in(note)
        lies: dict[str, Any] = {}
        if "valid" in told:
            lies |= dict.fromkeys(("not_on_or_after", "confirmed_not_on_or_after"), told["valid"])
            lies["not_before"] = min(-60, told["valid"] - 120)
        if told.get("other_key"):
            lies["pair"] = signing.pair_number(2)
        if told.get("sign") is False:
            lies["signed"] = frozenset()
        (address,) = (value for value in said.values() if "@" in value)
        who, _, run = address.partition("@")[0].partition(".")
        return self._idp.response(  # type: ignore[union-attr]
            acs_url=self._acs_url,
            audience=told.get("audience", AUDIENCE),
            request_id=self._request_id if is_ours else "_request",
            subject=f"{who}-{run}",
            attributes=[(name, (value,)) for name, value in said.items()],
            now=self._now(),
            **lies,
        )


def said_in(note: str) -> tuple[dict[str, str], dict[str, Any]]:
    """The attributes that a note names, and what is wrong with the response."""
    found = re.fullmatch(r"attributes (\{.*?\})(?:; (\{.*\}))?", note)
    if found is None:
        raise LookupError(note)
    return ast.literal_eval(found[1]), ast.literal_eval(found[2] or "{}")
