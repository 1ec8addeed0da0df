"""The provider is what it should be, and lies as it is told."""

import base64
import hashlib
import secrets
import ssl
from typing import Any
from urllib.parse import urlencode

import httpx2
import jwt
import pytest

from tests.peers.openid_provider import ACCOUNT, CLIENT_ID, SECRET, OpenIdProvider, query_of

REDIRECT_URI = "https://app.example.test/callback"


class Client:
    """Who logs in, written by the book (RFC 6749 s. 4.1, RFC 7636, OpenID Connect Core s. 3.1)."""

    def __init__(self, provider: OpenIdProvider) -> None:
        self.provider = provider
        self.verifier = secrets.token_urlsafe(32)
        context = ssl.create_default_context(cafile=provider.authority.file)
        self.http = httpx2.Client(verify=context, trust_env=False)

    def authorization_url(self, **changes: str) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest())
        parameters = {
            "client_id": CLIENT_ID,
            "response_type": "code",
            "scope": "openid email profile",
            "redirect_uri": REDIRECT_URI,
            "state": "a state",
            "nonce": "a nonce",
            "code_challenge": challenge.decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return f"{self.provider.url('authorization')}?{urlencode(parameters | changes)}"

    def exchange(self, code: str, **changes: str) -> httpx2.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
        form |= {"code_verifier": self.verifier} | changes
        return self.http.post(self.provider.url("token"), data=form, auth=(CLIENT_ID, SECRET))

    def tokens(self, account: str = "alice") -> Any:
        return self.exchange(query_of(self.provider.log_in(self.authorization_url(), account))["code"]).json()

    def user(self, tokens: Any) -> Any:
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        return self.http.get(self.provider.url("userinfo"), headers=headers).json()

    def claims(self, tokens: Any) -> Any:
        """Those of the ID token, verified with the keys that are published."""
        keys = jwt.PyJWKSet.from_dict(self.http.get(self.provider.url("keys")).json())
        key = keys[jwt.get_unverified_header(tokens["id_token"])["kid"]]
        return jwt.decode(
            tokens["id_token"],
            key,
            algorithms=["RS256"],
            audience=CLIENT_ID,
            issuer=self.provider.issuer,
        )


@pytest.fixture
def client(openid_provider: OpenIdProvider):
    openid_provider.register(REDIRECT_URI)
    client = Client(openid_provider)
    with client.http:
        yield client


def test_log_in(client: Client, openid_provider: OpenIdProvider) -> None:
    tokens = client.tokens()
    assert client.user(tokens) == {"sub": "alice", **ACCOUNT}
    assert client.claims(tokens)["nonce"] == "a nonce"
    [authorized] = openid_provider.requests("authorization")
    assert authorized["query"]["code_challenge_method"] == "S256"
    [exchanged] = openid_provider.requests("token")
    assert exchanged["form"]["code_verifier"] == client.verifier
    assert (exchanged["authorization"], exchanged["status"]) == ("Basic", 200)


def test_another_account(client: Client, openid_provider: OpenIdProvider) -> None:
    openid_provider.set(accounts={"bob": {"email": "bob@example.test", "department": "Sales"}})
    user = client.user(client.tokens("bob"))
    assert user == {"sub": "bob", "email": "bob@example.test", "department": "Sales"}


def test_pkce_is_asked_for_and_verified(client: Client, openid_provider: OpenIdProvider) -> None:
    plain = client.authorization_url(code_challenge="", code_challenge_method="")
    assert query_of(openid_provider.log_in(plain))["error"] == "invalid_request"
    code = query_of(openid_provider.log_in(client.authorization_url()))["code"]
    answer = client.exchange(code, code_verifier="x" * 43)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_person_who_says_no(client: Client, openid_provider: OpenIdProvider) -> None:
    returned = query_of(openid_provider.log_in(client.authorization_url(), agrees=False))
    assert (returned["error"], returned["state"]) == ("access_denied", "a state")


@pytest.mark.parametrize("keeps_old", [True, False])
def test_a_new_signing_key(client: Client, openid_provider: OpenIdProvider, keeps_old: bool) -> None:
    before = client.tokens()
    openid_provider.rotate(keeps_old=keeps_old)
    assert client.claims(client.tokens())["sub"] == "alice"
    if keeps_old:
        assert client.claims(before)["sub"] == "alice"
    else:
        with pytest.raises(KeyError):
            client.claims(before)


def test_a_code_outlives_a_new_key(client: Client, openid_provider: OpenIdProvider) -> None:
    code = query_of(openid_provider.log_in(client.authorization_url()))["code"]
    openid_provider.rotate()
    assert client.claims(client.exchange(code).json())["sub"] == "alice"


def test_lies_about_the_user(client: Client, openid_provider: OpenIdProvider) -> None:
    openid_provider.fail("userinfo", set={"sub": "bob"}, remove=["name"])
    user = client.user(client.tokens())
    assert user["sub"] == "bob"
    assert "name" not in user


@pytest.mark.parametrize("key", ["unknown", "none"])
def test_lies_in_the_id_token(client: Client, openid_provider: OpenIdProvider, key: str) -> None:
    openid_provider.fail("token", id_token={"set": {"nonce": "another"}})
    assert client.claims(client.tokens())["nonce"] == "another"
    openid_provider.fail("token", id_token={"key": key})
    tokens = client.tokens()
    with pytest.raises((jwt.InvalidTokenError, KeyError)):
        client.claims(tokens)


def test_other_answers(client: Client, openid_provider: OpenIdProvider) -> None:
    openid_provider.fail("discovery", set={"issuer": "https://other.example.test"})
    told = client.http.get(openid_provider.url("discovery")).json()
    assert (told["issuer"], told["token_endpoint"]) == (
        "https://other.example.test",
        openid_provider.url("token"),
    )
    openid_provider.fail("discovery", status=503, body="busy", type="text/plain")
    answer = client.http.get(openid_provider.url("discovery"))
    assert (answer.status_code, answer.text) == (503, "busy")


@pytest.mark.parametrize("how", [{"hangs": True}, {"wait": 60}, {"closes": True}], ids=str)
def test_no_answer(client: Client, openid_provider: OpenIdProvider, how: dict[str, Any]) -> None:
    openid_provider.fail("keys", **how)
    with pytest.raises(httpx2.TransportError):
        client.http.get(openid_provider.url("keys"), timeout=0.5)
    openid_provider.recover()
    assert client.http.get(openid_provider.url("keys")).status_code == 200


def test_an_answer_without_an_end(client: Client, openid_provider: OpenIdProvider) -> None:
    openid_provider.fail("keys", drips=True)
    with client.http.stream("GET", openid_provider.url("keys")) as answer:
        drops = answer.iter_raw()
        assert {next(drops) for _ in range(3)} == {b" "}
