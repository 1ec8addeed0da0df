"""People log in with a certified OpenID provider, which is not always at its best."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from tests.peers.openid_provider import ACCOUNT, OpenIdProvider, query_of
from tests.peers.site import TIMEOUT, Site
from tests.peers.visitor import Visitor
from tests.servers.hanko_compat import wait_until

ONE_DATABASE = pytest.mark.one_database
EXCHANGE_FAILED = "could not exchange authorization code for access token"
NO_USER = "could not retrieve user data from provider"


@pytest.fixture
def account(openid_provider: OpenIdProvider) -> str:
    """The name of somebody whom nobody has seen yet; their address is ``NAME@example.test``."""
    name = f"person-{uuid4().hex}"
    openid_provider.set(accounts={name: ACCOUNT | {"email": address_of(name)}})
    return name


def address_of(account: str) -> str:
    return f"{account}@example.test"


@contextmanager
def nothing_is_stored(site: Site) -> Iterator[None]:
    before = site.rows()
    yield
    assert site.rows() == before


def test_sign_up_and_sign_in(
    site: Site, visitor: Visitor, openid_provider: OpenIdProvider, account: str
) -> None:
    me = visitor.log_in(openid_provider, account)
    [email] = visitor.http.get("/emails").json()
    assert (email["address"], email["is_verified"]) == (address_of(account), True)
    assert [each["provider"] for each in email["identities"]] == ["A provider for tests"]
    with site.visitor() as another:
        assert another.log_in(openid_provider, account)["user_id"] == me["user_id"]


@ONE_DATABASE
def test_what_is_sent_to_the_provider(
    visitor: Visitor, openid_provider: OpenIdProvider, account: str
) -> None:
    visitor.log_in(openid_provider, account)
    [begun] = openid_provider.requests("authorization")
    assert begun["query"]["code_challenge_method"] == "S256"
    assert re.fullmatch(r"[\w-]{43}", begun["query"]["nonce"])
    assert begun["query"]["redirect_uri"] == f"{visitor.origin}/thirdparty/callback"
    [exchanged] = openid_provider.requests("token")
    assert exchanged["authorization"] == "Basic"
    assert re.fullmatch(r"[\w.~-]{43,128}", exchanged["form"]["code_verifier"])
    assert len(openid_provider.requests("userinfo")) == 1


@ONE_DATABASE
def test_a_client_that_logs_in_by_form(
    visitor: Visitor, openid_provider: OpenIdProvider, account: str
) -> None:
    openid_provider.set(takesBasic=False)
    visitor.log_in(openid_provider, account)
    refused, taken = openid_provider.requests("token")
    assert (refused["authorization"], refused["status"]) == ("Basic", 401)
    assert (taken["authorization"], taken["status"]) == ("", 200)


def test_an_address_links_once_both_sides_have_verified_it(
    site: Site, visitor: Visitor, openid_provider: OpenIdProvider, account: str
) -> None:
    """The second subject has the first one's address; the stricter registration does not link."""
    me = visitor.log_in(openid_provider, account)
    other = f"{account}-2"
    openid_provider.set(accounts={other: ACCOUNT | {"email": address_of(account)}})
    with site.visitor() as stricter:
        told = stricter.come_back(openid_provider.log_in(stricter.leave("custom_strict"), other))
        assert told["error"] == "user_conflict"
    with site.visitor() as linked:
        assert linked.log_in(openid_provider, other)["user_id"] == me["user_id"]


@ONE_DATABASE
def test_somebody_says_no(site: Site, visitor: Visitor, openid_provider: OpenIdProvider) -> None:
    with nothing_is_stored(site):
        told = visitor.come_back(openid_provider.log_in(visitor.leave(), agrees=False))
    assert told == {"error": "access_denied", "error_description": "The user said no."}


@ONE_DATABASE
def test_a_code_is_worth_nothing_with_another_verifier(
    site: Site, visitor: Visitor, openid_provider: OpenIdProvider, account: str
) -> None:
    """The code of one log-in, put into another of the same browser: PKCE (RFC 7636 s. 4.6) tells."""
    code = query_of(openid_provider.log_in(visitor.leave(), account))["code"]
    url = openid_provider.log_in(visitor.leave(), account)
    with nothing_is_stored(site):
        told = visitor.come_back(with_code(url, code))
    assert (told["error"], told["error_description"]) == ("invalid_request", EXCHANGE_FAILED)


def with_code(url: str, code: str) -> str:
    return f"{url.partition('?')[0]}?{urlencode(query_of(url) | {'code': code})}"


@ONE_DATABASE
@pytest.mark.parametrize(
    "lie",
    [
        {"set": {"nonce": "another"}},
        {"remove": ["nonce"]},
        {"set": {"aud": "somebody else"}},
        {"set": {"iss": "https://other.example.test"}},
        {"set": {"exp": 1_000_000_000}},
        {"set": {"sub": "another"}},
        {"key": "unknown"},
        {"key": "none"},
    ],
    ids=str,
)
def test_an_id_token_that_lies(
    site: Site, visitor: Visitor, openid_provider: OpenIdProvider, account: str, lie: dict[str, Any]
) -> None:
    url = openid_provider.log_in(visitor.leave(), account)
    openid_provider.fail("token", id_token=lie)
    with nothing_is_stored(site):
        told = visitor.come_back(url)
    assert (told["error"], told["error_description"]) == ("invalid_request", NO_USER)


@ONE_DATABASE
def test_a_new_signing_key_is_found(visitor: Visitor, openid_provider: OpenIdProvider, account: str) -> None:
    """Not at once where keys were read a moment ago: they are read again every few seconds at most."""
    visitor.log_in(openid_provider, account)
    openid_provider.rotate(keeps_old=False)

    def can_log_in() -> bool:
        return "hanko_token" in visitor.come_back(openid_provider.log_in(visitor.leave(), account))

    # One process may have read it while another has not: each has to be met.
    wait_until(lambda: all(can_log_in() for _ in range(8)), why=lambda: "the new key is not found")
    assert can_log_in()


FAILURES = [
    ({"status": 500, "body": "broken"}, 0),
    ({"status": 200, "body": "<html>", "type": "text/html"}, 0),
    ({"closes": True}, 0),
    ({"hangs": True}, TIMEOUT),
    ({"drips": True}, TIMEOUT),
    ({"wait": 60}, TIMEOUT),
]


@ONE_DATABASE
@pytest.mark.parametrize(("how", "seconds"), FAILURES, ids=str)
@pytest.mark.parametrize(
    ("endpoint", "description"),
    [("token", EXCHANGE_FAILED), ("userinfo", NO_USER)],
)
def test_a_provider_that_is_down_slow_or_broken(
    site: Site,
    visitor: Visitor,
    openid_provider: OpenIdProvider,
    account: str,
    endpoint: str,
    description: str,
    how: dict[str, Any],
    seconds: int,
) -> None:
    """The browser gets its answer, and not before the provider has had its time."""
    url = openid_provider.log_in(visitor.leave(), account)
    openid_provider.fail(endpoint, **how)
    with nothing_is_stored(site):
        answer = visitor.http.get(url)
    told = query_of(answer.headers["Location"])
    assert (told["error"], told["error_description"]) == ("invalid_request", description)
    assert answer.elapsed.total_seconds() >= seconds


@ONE_DATABASE
@pytest.mark.parametrize("member", ["sub", "email"])
def test_user_data_that_lack_what_matters(
    site: Site, visitor: Visitor, openid_provider: OpenIdProvider, account: str, member: str
) -> None:
    url = openid_provider.log_in(visitor.leave(), account)
    openid_provider.fail("userinfo", remove=[member])
    with nothing_is_stored(site):
        assert "error" in visitor.come_back(url)


@ONE_DATABASE
def test_user_data_of_somebody_else(
    site: Site, visitor: Visitor, openid_provider: OpenIdProvider, account: str
) -> None:
    """OpenID Connect Core s. 5.3.2: they have to be about the subject of the ID token."""
    url = openid_provider.log_in(visitor.leave(), account)
    openid_provider.fail("userinfo", set={"sub": "somebody-else"})
    with nothing_is_stored(site):
        assert visitor.come_back(url)["error_description"] == NO_USER


@ONE_DATABASE
def test_an_address_that_is_not_verified(
    site: Site, visitor: Visitor, openid_provider: OpenIdProvider, account: str
) -> None:
    url = openid_provider.log_in(visitor.leave(), account)
    openid_provider.fail("userinfo", set={"email_verified": False})
    with nothing_is_stored(site):
        assert visitor.come_back(url)["error"] == "unverified_email"


def test_twenty_at_once_with_one_code_are_one_session(
    site: Site, visitor: Visitor, openid_provider: OpenIdProvider, account: str
) -> None:
    url = openid_provider.log_in(visitor.leave(), account)
    cookie = visitor.http.cookies.get("hanko_thirdparty_state")
    before = site.rows()

    def come_back(_: int) -> dict[str, str]:
        with site.visitor() as same:
            same.http.cookies.set("hanko_thirdparty_state", cookie)
            return same.come_back(url)

    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(come_back, range(20)))
    [token] = [each["hanko_token"] for each in told if "hanko_token" in each]

    def trade(_: int) -> int:
        with site.visitor() as same:
            return same.trade(token)

    with ThreadPoolExecutor(20) as pool:
        statuses = sorted(pool.map(trade, range(20)))
    assert statuses == [200] + [404] * 19
    made = {"User": 1, "Email": 1, "Identity": 1, "Token": 0, "Session": 1}
    assert site.rows() == {name: before[name] + count for name, count in made.items()}
