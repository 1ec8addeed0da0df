"""Compare an answer with the recorded one; every difference is a line of text."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import jwt

from tests.contract.hooks import shown_mail
from tests.contract.placeholders import Bindings
from tests.contract.wire import Answer

RECORDED = (
    "content-type",
    "cache-control",
    "location",
    "www-authenticate",
    "allow",
    "x-session-lifetime",
    "x-session-retention",
    "x-auth-token",
    "retry-after",
    "vary",
    "x-request-id",
    "content-disposition",
)
RECORDED_GROUPS = ("x-ratelimit-", "access-control-")
SECONDS_AROUND_NOW = 120
# What we send to providers beyond the original: PKCE (RFC 7636 s. 4.3), and the nonce of OpenID Connect.
OURS_TO_PROVIDERS = {"code_challenge", "code_challenge_method", "nonce"}
OUR_COOKIE = "hanko_saml_state"
"""It binds a log-in by SAML to the browser; the original has none."""


def is_recorded(name: str) -> bool:
    """Whether traces say of the header *name* if it was sent."""
    return name.lower() in RECORDED or name.lower().startswith(RECORDED_GROUPS)


@dataclass(frozen=True)
class Comparison:
    """Knows the placeholders' values, and the published keys by their ids."""

    bindings: Bindings
    published_keys: Callable[[], list[dict[str, Any]]]

    def answer(self, recorded: dict[str, Any], actual: Answer) -> list[str]:
        """The differences between a recorded response and an answer."""
        differences = list(self.value(recorded["status"], actual.status, "status"))
        differences += self.headers(recorded.get("headers", {}), actual)
        differences += self.body(recorded.get("body", {"empty": True}), actual)
        return differences

    def value(self, recorded: Any, actual: Any, place: str) -> Iterator[str]:
        """Compare two JSON values; the order of keys does not matter, null is not absence."""
        if isinstance(recorded, dict) and isinstance(actual, dict):
            for key in sorted(recorded.keys() | actual.keys()):
                yield from self._member(recorded, actual, key, f"{place}.{key}")
        elif isinstance(recorded, list) and isinstance(actual, list):
            if place.endswith("transports"):
                actual = sorted(actual)
            if len(recorded) != len(actual):
                yield f"{place}: {len(recorded)} items expected, got {actual!r}"
                return
            for number, pair in enumerate(zip(recorded, actual, strict=True)):
                yield from self.value(*pair, f"{place}[{number}]")
        elif isinstance(recorded, str) and isinstance(actual, str):
            if not self.bindings.matches(recorded, actual):
                yield f"{place}: {recorded!r} expected, got {actual!r}"
        elif type(recorded) is not type(actual) or recorded != actual:
            yield f"{place}: {recorded!r} expected, got {actual!r}"

    def _member(
        self, recorded: dict[str, Any], actual: dict[str, Any], key: str, place: str
    ) -> Iterator[str]:
        if key not in actual:
            yield f"{place}: {recorded[key]!r} expected, absent"
        elif key not in recorded:
            yield f"{place}: not expected, got {actual[key]!r}"
        else:
            yield from self.value(recorded[key], actual[key], place)

    def body(self, recorded: dict[str, Any], actual: Answer) -> Iterator[str]:
        """Compare the body; HTML and bytes need only be there."""
        if "json" in recorded:
            if actual.json() is None and actual.body.strip() != b"null":
                yield f"body: JSON expected, got {actual.body[:200]!r}"
            else:
                yield from self.value(recorded["json"], actual.json(), "body")
        elif "text" in recorded:
            yield from self.value(recorded["text"], actual.body.decode(errors="replace"), "body")
        elif "empty" in recorded:
            if actual.body:
                yield f"body: none expected, got {actual.body[:200]!r}"
        elif not actual.body:
            yield "body: expected, none came"

    def headers(self, recorded: dict[str, Any], actual: Answer) -> Iterator[str]:
        """Compare the headers that are recorded, also those that must not be there."""
        names = {name.lower(): name for name, _ in actual.headers if is_recorded(name)}
        names |= {name.lower(): name for name in recorded if name != "Set-Cookie"}
        for name in sorted(names.values()):
            yield from self.header(name, recorded.get(name), actual.values(name))
        yield from self.cookies(recorded.get("Set-Cookie", []), actual.values("Set-Cookie"))

    def header(self, name: str, recorded: Any, actual: list[str]) -> Iterator[str]:
        """Compare the values of one header."""
        place = f"header {name}"
        if recorded is None or not actual:
            yield f"{place}: {recorded!r} expected, got {actual!r}"
            return
        expected = recorded if isinstance(recorded, list) else [recorded]
        if len(expected) != len(actual):
            yield f"{place}: {expected!r} expected, got {actual!r}"
            return
        for left, right in zip(expected, actual, strict=True):
            yield from self._header_value(name, left, right, place)

    def _header_value(self, name: str, recorded: Any, actual: str, place: str) -> Iterator[str]:
        if isinstance(recorded, dict) and "jwt" in recorded:
            yield from self.token(recorded, actual, place)
        elif isinstance(recorded, dict):
            url, _, query = actual.partition("?")
            parameters = dict(parse_qsl(query, keep_blank_values=True))
            ours = OURS_TO_PROVIDERS - recorded["query"].keys()
            split = {"url": url, "query": {key: parameters[key] for key in parameters.keys() - ours}}
            yield from self.value(recorded, split, place)
        elif name.lower() == "allow":
            yield from self.value(methods(recorded), methods(actual), place)
        else:
            yield from self.value(recorded, actual, place)

    def cookies(self, recorded: list[dict[str, Any]], actual: list[str]) -> Iterator[str]:
        """Compare cookies by name, value and attributes; attributes also by their order."""
        parsed = sorted((parse_cookie(text) for text in actual), key=lambda cookie: cookie["name"])
        parsed = [cookie for cookie in parsed if cookie["name"] != OUR_COOKIE]
        if [cookie["name"] for cookie in recorded] != [cookie["name"] for cookie in parsed]:
            yield f"cookies: {recorded!r} expected, got {actual!r}"
            return
        for expected, cookie in zip(recorded, parsed, strict=True):
            place = f"cookie {cookie['name']}"
            if isinstance(expected["value"], dict):
                yield from self.token(expected["value"], cookie["value"], place)
            else:
                yield from self.value(expected["value"], cookie["value"], place)
            yield from self.value(expected["attributes"], cookie["attributes"], place)
            order = list(expected["attributes"])
            if order != list(cookie["attributes"]):
                yield f"{place}: the order {order} expected, got {list(cookie['attributes'])}"

    def token(self, recorded: dict[str, Any], actual: str, place: str) -> Iterator[str]:
        """Compare a signed token: its number, header, claims and signature."""
        if not self.bindings.matches(recorded["jwt"], actual):
            yield f"{place}: the token {recorded['jwt']} expected, got {actual!r}"
            return
        header = jwt.get_unverified_header(actual)
        yield from self.value(recorded["header"], header, f"{place} header")
        key = next((key for key in self.published_keys() if key["kid"] == header.get("kid")), None)
        if key is None:
            yield f"{place}: no published key has the id {header.get('kid')!r}"
            return
        try:
            options = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
            claims = jwt.decode(actual, jwt.PyJWK(key), algorithms=[key["alg"]], options=options)
        except jwt.InvalidTokenError as error:
            yield f"{place}: {error}"
            return
        yield from self.claims(recorded["claims"], claims, f"{place} claims")

    def claims(self, recorded: dict[str, Any], actual: dict[str, Any], place: str) -> Iterator[str]:
        """Compare claims: ``iat`` is now, ``exp`` is recorded as a distance from it."""
        issued_at = actual.get("iat", 0)
        if abs(issued_at - self.bindings.now().timestamp()) > SECONDS_AROUND_NOW:
            yield f"{place}.iat: now expected, got {issued_at!r}"
        shown = actual | {"iat": "<epoch>", "exp": f"<iat+{actual.get('exp', 0) - issued_at:g}>"}
        if actual.get("evt") == "email.send":
            shown["data"] = shown_mail(actual["data"], self.bindings.now())
        yield from self.value(recorded, shown, place)


def methods(text: str) -> str:
    """A list of methods in alphabetical order."""
    return ", ".join(sorted(part.strip() for part in text.split(",")))


def parse_cookie(text: str) -> dict[str, Any]:
    """A ``Set-Cookie`` header in its parts; attributes keep their order."""
    first, *rest = [part.strip() for part in text.split(";")]
    name, _, value = first.partition("=")
    attributes = {}
    for part in rest:
        key, equals, content = part.partition("=")
        attributes[key] = content if equals else True
    return {"name": name, "value": value.strip('"'), "attributes": attributes}
