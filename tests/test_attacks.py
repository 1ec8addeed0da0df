"""Attacks tried over HTTP: forged client addresses, addresses that look alike, forged tokens."""

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from flask.testing import FlaskClient

from hanko_compat.app import services_of
from hanko_compat.jose.signing_keys import SigningKey, generate
from hanko_compat.services.webhooks.hook_tokens import HookTokens
from hanko_compat.storage.models import Email, Session
from hanko_compat.wiring import Services
from tests import signing_keys
from tests.queries import recorded_queries

UNVERIFIED = {"email.require_verification": False}
OURS = SigningKey(signing_keys.private_jwk())
FORGERS = SigningKey(generate("RS256-2048") | {"kid": OURS.kid})
MEGABYTE = 1_000_000


@pytest.fixture
def services(make_services: Callable[..., Services]) -> Services:
    return make_services(UNVERIFIED)


@pytest.fixture
def token(client: FlaskClient) -> str:
    """The token of Alice's session."""
    return cookie_of(client.post("/users", json={"email": "alice@example.test"}))


def cookie_of(response: Any) -> str:
    (cookie,) = [line for line in response.headers.getlist("Set-Cookie") if line.startswith("hanko=")]
    return str(cookie.partition(";")[0].partition("=")[2])


# Forged client addresses


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
@pytest.mark.parametrize("trusted", [[], ["10.0.0.0/8"]])
def test_nobody_hides_behind_forwarding_headers(
    make_app: Callable[..., Flask], trusted: list[str], header: str
) -> None:
    """A caller that is no trusted proxy keeps its address, whatever it claims."""
    app = make_app(UNVERIFIED | {"hanko_compat.trusted_proxies": trusted})

    for number in range(5):
        claimed = f"for=198.51.100.{number}" if header == "Forwarded" else f"198.51.100.{number}"
        body = {"email": f"user{number}@example.test"}
        assert app.test_client().post("/users", json=body, headers={header: claimed}).status_code == 200

    assert addresses(app) == {"127.0.0.1"}


def test_the_right_most_hop_that_is_no_proxy_is_the_caller(make_app: Callable[..., Flask]) -> None:
    """Behind a trusted proxy only the hop that the proxy itself has seen counts."""
    app = make_app(UNVERIFIED | {"hanko_compat.trusted_proxies": ["127.0.0.0/8", "10.0.0.0/8"]})

    for number in range(5):
        headers = {"X-Forwarded-For": f"192.0.2.{number}, 198.51.100.7, 10.0.0.2"}
        app.test_client().post("/users", json={"email": f"user{number}@example.test"}, headers=headers)

    assert addresses(app) == {"198.51.100.7"}


def addresses(app: Flask) -> set[str]:
    """The addresses that sessions were started from."""
    with app.extensions["hanko_compat"].database.connection():
        return {row.ip_address for row in Session.select()}


# Addresses that look alike


@pytest.mark.parametrize("other", ["alicé@example.test", "àlice@example.test", "ålice@example.test"])
def test_addresses_that_only_look_alike_are_two(client: FlaskClient, token: str, other: str) -> None:
    """No collation merges addresses, whatever it takes for equal."""
    assert client.post("/user", json={"email": other}).status_code == 404

    response = client.post("/users", json={"email": other})

    assert response.status_code == 200
    assert stored(client) == {"alice@example.test", other}


@pytest.mark.parametrize("other", ["ALICE@example.test", "Alice@EXAMPLE.TEST"])
def test_letter_case_makes_no_second_account(client: FlaskClient, token: str, other: str) -> None:
    """Addresses are lower-cased before they are compared."""
    assert client.post("/users", json={"email": other}).status_code == 409
    assert stored(client) == {"alice@example.test"}


@pytest.mark.parametrize(
    "other", ["alice@example.te\u017ft", "al\u0130ce@example.test", "\u212aelly@example.test"]
)
def test_letters_that_become_ascii_are_refused(client: FlaskClient, token: str, other: str) -> None:
    """A letter whose lower case is an ASCII one would take somebody else's address."""
    assert client.post("/users", json={"email": other}).status_code == 400
    assert stored(client) == {"alice@example.test"}


def stored(client: FlaskClient) -> set[str]:
    """The addresses in the table."""
    with services_of(client.application).database.connection():
        return {row.address for row in Email.select()}


# Forged, broken and huge tokens


def base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(claims: dict[str, Any], *, key: SigningKey = OURS, **header: Any) -> str:
    head = {"kid": OURS.kid} | header
    return jwt.encode(claims, key.private_key, algorithm=key.algorithm, headers=head)


def by_hand(claims: dict[str, Any], *, alg: str, sign: Callable[[bytes], bytes]) -> str:
    parts = ({"alg": alg, "kid": OURS.kid, "typ": "JWT"}, claims)
    message = ".".join(base64url(json.dumps(part).encode()) for part in parts)
    return f"{message}.{base64url(sign(message.encode()))}"


def keyed_with_the_public_key(message: bytes) -> bytes:
    public = OURS.private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return hmac.new(public, message, hashlib.sha256).digest()


def without(claims: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in claims.items() if key != name}


Forgery = Callable[[str, dict[str, Any]], str]
FORGERIES: dict[str, Forgery] = {
    "alg none": lambda _, claims: by_hand(claims, alg="none", sign=lambda _: b""),
    "alg None": lambda _, claims: by_hand(claims, alg="None", sign=lambda _: b""),
    "HS256 of the public key": lambda _, claims: by_hand(claims, alg="HS256", sign=keyed_with_the_public_key),
    "another key": lambda _, claims: signed(claims, key=FORGERS),
    "jku": lambda _, claims: signed(claims, key=FORGERS, jku="https://evil.example/jwks.json"),
    "x5u": lambda _, claims: signed(claims, key=FORGERS, x5u="https://evil.example/cert.pem"),
    "jwk": lambda _, claims: signed(claims, key=FORGERS, jwk=FORGERS.public_jwk),
    "unknown kid": lambda _, claims: signed(claims, kid="unknown"),
    "no exp": lambda _, claims: signed(without(claims, "exp")),
    "no session": lambda _, claims: signed(claims | {"session_id": str(uuid4())}),
    "somebody else": lambda _, claims: signed(claims | {"sub": str(uuid4())}),
    "1 MB": lambda token, _: token + "A" * MEGABYTE,
    "1 MB of claims": lambda _, claims: signed(claims | {"x": "x" * (MEGABYTE // 2)}),
    "cut": lambda token, _: token[:-10],
    "no signature": lambda token, _: token.rpartition(".")[0],
    "two parts too many": lambda token, _: f"{token}.{token}",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_tokens_are_no_sessions(client: FlaskClient, token: str, forgery: str) -> None:
    """401 where a session is needed, is_valid: false where one asks."""
    forged = FORGERIES[forgery](token, jwt.decode(token, options={"verify_signature": False}))
    ways = [{"Authorization": f"Bearer {forged}"}, {"Cookie": f"hanko={forged}"}]

    for headers in ways:
        for method, path in (("GET", "/me"), ("POST", "/logout")):
            assert client.open(path, method=method, headers=headers).status_code == 401
        assert client.get("/sessions/validate", headers=headers).json == {"is_valid": False}
    assert client.post("/sessions/validate", json={"session_token": forged}).json == {"is_valid": False}
    assert client.get("/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_a_flood_of_forged_tokens_is_no_load(client: FlaskClient, token: str) -> None:
    """What was not signed here costs no query; unknown keys cost one read every few seconds."""
    claims = jwt.decode(token, options={"verify_signature": False})
    forged = [FORGERIES[name](token, claims) for name in ("another key", "alg none", "cut", "no exp")]
    forged += [signed(claims, kid=f"unknown {number}") for number in range(10)]

    with recorded_queries() as statements:
        for each in forged * 3:
            assert client.get("/me", headers={"Authorization": f"Bearer {each}"}).status_code == 401

    assert len(statements) <= 2  # the keys, and which of them are revoked


# Tokens of hooks, which are signed with the same keys


def operations(app: Flask, user_id: str) -> list[tuple[str, str]]:
    """Each method and path of both doors, about this user."""
    return sorted(
        (method, re.sub("<[^>]+>", user_id, rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(("public.", "backend."))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    )


def outcome(answer: Any) -> tuple[int, Any, list[str]]:
    """What an answer says, without what is made anew for each."""
    said = answer.get_json(silent=True) or {}
    return answer.status_code, said.get("is_valid", sorted(said)), answer.headers.getlist("Set-Cookie")


def test_a_token_of_a_hook_is_worth_nothing(app: Flask, services: Services, token: str) -> None:
    """Each operation answers as if there were none, also when it tells all that a session's token does."""
    claims = jwt.decode(token, options={"verify_signature": False})
    hooks = HookTokens(services.keys, audience=claims["aud"], now=services.now)
    hooks_token = hooks.sign("user.create", {"id": claims["sub"], **claims})
    ways = [{"Authorization": f"Bearer {hooks_token}"}, {"Cookie": f"hanko={hooks_token}"}]
    client, refused, different = app.test_client(use_cookies=False), 0, []
    services.api_secrets.create()  # the door for servers is open

    for method, path in operations(app, claims["sub"]):
        body = {} if method in ("POST", "PUT", "PATCH") else None
        plain = client.open(path, method=method, json=body)
        refused += plain.status_code == 401
        for headers in ways:
            answer = client.open(path, method=method, json=body, headers=headers)
            if outcome(answer) != outcome(plain):
                different.append((method, path, answer.status_code))

    assert different == []
    assert refused > 50
    body = {"session_token": hooks_token}
    assert client.post("/sessions/validate", json=body).json == {"is_valid": False}
    assert client.get("/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200
