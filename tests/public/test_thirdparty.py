"""Log-in with a provider on the wire: where browsers are sent, with which cookie, and what does not work."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask

from hanko_compat.storage.models import Email, Identity, SpentToken, Token, User
from hanko_compat.wiring import Services
from tests.clock import FakeClock
from tests.oidc_provider import OidcProvider
from tests.services.test_redirects import DISGUISED
from tests.third_party import (
    ALICE,
    CALLBACK,
    COOKIE,
    DONE,
    ERROR,
    Visitor,
    custom_provider,
    error_of,
    place_of,
    third_party,
)

EXCHANGE = "could not exchange authorization code for access token"
USER_DATA = "could not retrieve user data from provider"
INTERNAL = "an internal error has occurred"
FOREIGN_PAGES = (
    "http://localhost:8889/login",
    "https://localhost:8888/login",
    "http://user@localhost:8888/login",
    "http://localhost:8888\\@evil.test/",
    "https://evil.example.test/login",
    "about:client",
    "nonsense",
)


@pytest.fixture
def provider() -> Iterator[OidcProvider]:
    with OidcProvider() as provider:
        yield provider


@pytest.fixture
def make_visitor(
    make_services: Callable[..., Services], make_app: Callable[..., Flask], provider: OidcProvider
) -> Callable[..., Visitor]:
    def make(changes: dict[str, Any] | None = None, **of_provider: Any) -> Visitor:
        other = custom_provider(provider.url, client_id="other")
        settings = third_party(stub=custom_provider(provider.url, **of_provider), other=other)
        app = make_app({**settings, **(changes or {})})
        return Visitor(app.test_client(use_cookies=False), provider)

    return make


@pytest.fixture
def visitor(make_visitor: Callable[..., Visitor]) -> Visitor:
    return make_visitor()


@pytest.fixture
def stranger(visitor: Visitor) -> Visitor:
    """Another browser."""
    return Visitor(visitor.client, visitor.provider)


def services_of(visitor: Visitor) -> Services:
    services: Services = visitor.client.application.extensions["hanko_compat"]
    return services


def stored(visitor: Visitor) -> dict[str, int]:
    """How many rows a log-in has left."""
    with services_of(visitor).database.connection():
        return {model.__name__: model.select().count() for model in (User, Email, Identity, Token)}


NOTHING = {"User": 0, "Email": 0, "Identity": 0, "Token": 0}


# How it goes


def test_a_log_in_ends_with_a_token_where_it_was_to_end(visitor: Visitor) -> None:
    visitor.start("https://a.app.example.test/x?y=1&hanko_token=old#part")
    answer = visitor.come_back(state=visitor.state, code=visitor.provider.grant(ALICE))
    assert answer.status_code == 307
    place = re.escape("https://a.app.example.test/x?hanko_token=old&hanko_token=")
    assert re.fullmatch(rf"{place}[\w-]{{43}}%3D&y=1#part", answer.headers["Location"])
    assert stored(visitor) == {"User": 1, "Email": 1, "Identity": 1, "Token": 1}


def test_the_cookie_is_taken_back_on_success_only(visitor: Visitor) -> None:
    visitor.start()
    refused = visitor.come_back(state=visitor.state, error="access_denied")
    assert refused.headers.getlist("Set-Cookie") == []
    done = visitor.come_back(state=visitor.state, code=visitor.provider.grant(ALICE))
    [cookie] = done.headers.getlist("Set-Cookie")
    assert cookie.startswith(f"{visitor.cookie.partition('=')[0]}=; ")
    assert "Max-Age=0" in cookie


def test_the_provider_is_sent_a_challenge_and_a_nonce_where_it_says_that_it_takes_them(
    make_visitor: Callable[..., Visitor],
) -> None:
    visitor = make_visitor(use_discovery=True)
    _, query = place_of(visitor.start())
    assert query["redirect_uri"] == CALLBACK
    assert query["code_challenge_method"] == "S256"
    assert len(query["nonce"]) == 43
    visitor.come_back(state=visitor.state, code="bad")
    posted = [form for place, form in visitor.provider.asked if place == "token"]
    assert all(len(form["code_verifier"]) >= 43 for form in posted)


@pytest.mark.parametrize(
    ("changes", "attributes"),
    [
        ({}, "Path=/; Max-Age={}; HttpOnly; SameSite=Lax"),
        (
            {
                "session.cookie.domain": ".example.test",
                "session.cookie.secure": True,
                "session.cookie.http_only": False,
                "session.cookie.same_site": "none",
            },
            "Path=/; Domain=example.test; Max-Age={}; Secure; SameSite=Lax",
        ),
    ],
    ids=["as tests have it", "changed"],
)
def test_the_cookie_is_lax_and_else_like_that_of_the_session(
    make_visitor: Callable[..., Visitor], changes: dict[str, Any], attributes: str
) -> None:
    visitor = make_visitor(changes)
    (given,) = visitor.start().headers.getlist("Set-Cookie")
    assert given == f"{COOKIE}={visitor.state}; {attributes.format(300)}"
    answer = visitor.come_back(state=visitor.state, code=visitor.provider.grant(ALICE))
    assert answer.headers.getlist("Set-Cookie") == [f"{COOKIE}=; {attributes.format(0)}"]


def test_a_second_factor_does_not_decide_whether_there_are_these_paths(
    make_visitor: Callable[..., Visitor],
) -> None:
    visitor = make_visitor({"mfa.enabled": True})
    assert "hanko_token" in place_of(visitor.log_in())[1]


def test_a_look_at_the_callback_uses_nothing_up(visitor: Visitor) -> None:
    """HEAD is safe (RFC 9110 s. 9.2.1)."""
    visitor.start()
    back = {"state": visitor.state, "code": visitor.provider.grant(ALICE)}
    looked = visitor.client.head(
        f"/thirdparty/callback?{urlencode(back)}", headers={"Cookie": visitor.cookie}
    )
    assert (looked.status_code, looked.headers.get("Location")) == (204, None)
    assert looked.headers.getlist("Set-Cookie") == []
    assert stored(visitor) == NOTHING
    assert [place for place, _ in visitor.provider.asked if place == "token"] == []
    assert "hanko_token" in place_of(visitor.come_back(**back))[1]


# Answers by post, as Apple's


def test_a_form_comes_again_with_the_cookie_that_browsers_then_send(visitor: Visitor) -> None:
    visitor.start()
    form = {"state": visitor.state, "code": visitor.provider.grant(ALICE), "user": '{"name": "A"}'}
    headers = {"Origin": "https://appleid.apple.com", "Sec-Fetch-Site": "cross-site"}
    answer = visitor.client.post("/thirdparty/callback", data=form, headers=headers)
    assert answer.status_code == 303
    assert answer.headers.getlist("Set-Cookie") == []
    place, query = place_of(answer)
    assert place == "/thirdparty/callback"
    assert query == {"state": form["state"], "code": form["code"]}
    assert stored(visitor) == NOTHING
    assert "hanko_token" in place_of(visitor.come_back(**query))[1]


def test_a_form_comes_again_at_the_path_that_the_provider_knows(make_visitor: Callable[..., Visitor]) -> None:
    visitor = make_visitor({"third_party.redirect_url": "https://example.test/auth/thirdparty/callback"})
    answer = visitor.client.post("/thirdparty/callback", data={"state": "x"})
    assert answer.headers["Location"] == "/auth/thirdparty/callback?state=x"


def test_a_form_may_bring_an_error(visitor: Visitor) -> None:
    visitor.start()
    form = {"state": visitor.state, "error": "user_cancelled_authorize"}
    answer = visitor.client.post("/thirdparty/callback", data=form)
    assert error_of(visitor.come_back(**place_of(answer)[1])) == (DONE, "user_cancelled_authorize", None)


def test_of_a_repeated_field_the_first_counts(visitor: Visitor) -> None:
    answer = visitor.client.post("/thirdparty/callback", data={"state": ["first", "second"]})
    assert answer.headers["Location"] == "/thirdparty/callback?state=first"


def test_a_form_that_fits_into_no_url_is_refused(visitor: Visitor) -> None:
    assert visitor.client.post("/thirdparty/callback", data={"code": "x" * 9000}).status_code == 413


def test_a_form_of_another_site_passes_whatever_cookies_it_brings(visitor: Visitor) -> None:
    headers = {"Origin": "https://evil.example.test", "Cookie": "hanko=x"}
    assert visitor.client.post("/thirdparty/callback", data={"a": "b"}, headers=headers).status_code == 303
    assert visitor.client.post("/token", json={"value": "x"}, headers=headers).status_code == 403


def test_what_is_no_form_is_refused(visitor: Visitor) -> None:
    assert visitor.client.post("/thirdparty/callback", json={"state": "x"}).status_code == 415
    assert visitor.client.post("/thirdparty/callback", data="\xff=%ff&=&&").status_code == 415
    many = "&".join(f"a{number}=1" for number in range(99))
    kind = "application/x-www-form-urlencoded"
    assert visitor.client.post("/thirdparty/callback", data=many, content_type=kind).status_code == 400


# Where browsers are sent (security.md 18)


def test_nobody_is_sent_to_what_only_looks_allowed(visitor: Visitor) -> None:
    for url in DISGUISED:
        answer = visitor.start(url)
        assert error_of(answer)[:2] == (ERROR, "invalid_request"), url
        assert answer.headers.getlist("Set-Cookie") == []
    assert visitor.provider.asked == []


def test_an_error_is_shown_at_the_page_that_asked_only_if_it_is_ours(visitor: Visitor) -> None:
    for page in ("http://localhost:8888/login", "https://a.app.example.test/login"):
        answer = visitor.start(name="nobody", Referer=page)
        assert error_of(answer) == (page, "invalid_request", "unknown provider: nobody")
    for page in FOREIGN_PAGES:
        answer = visitor.start(name="nobody", Referer=page)
        assert error_of(answer) == (ERROR, "invalid_request", "unknown provider: nobody"), page


def test_the_query_of_that_page_stays_as_it_is(visitor: Visitor) -> None:
    answer = visitor.start(name="nobody", Referer="http://localhost:8888/login?x=1%2f&y#part")
    description = "error_description=unknown+provider%3A+nobody"
    expected = f"http://localhost:8888/login?error=invalid_request&{description}&x=1%2f&y#part"
    assert answer.headers["Location"] == expected


def test_a_provider_that_sends_a_browser_back_is_no_page_of_ours(visitor: Visitor) -> None:
    headers = {"Referer": "http://localhost:8888/login"}
    answer = visitor.client.get("/thirdparty/callback", headers=headers)
    assert error_of(answer) == (ERROR, "invalid_request", "State is a required field")


def test_callers_can_put_no_line_into_a_header(visitor: Visitor) -> None:
    for name, url in (("x\r\nSet-Cookie: a=b", DONE), ("x", "http://a\r\nX: y")):
        answer = visitor.start(url, name=name)
        assert "\n" not in answer.headers["Location"]
        assert answer.headers.getlist("Set-Cookie") == []


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({}, "Provider is a required field and RedirectTo is a required field"),
        ({"redirect_to": "x"}, "Provider is a required field and RedirectTo must be a valid URL"),
        ({"provider": "nobody", "redirect_to": "/done"}, "RedirectTo must be a valid URL"),
    ],
)
def test_what_is_missing_is_told_all_at_once(visitor: Visitor, query: dict[str, str], problem: str) -> None:
    answer = visitor.client.get(f"/thirdparty/auth?{urlencode(query)}")
    assert error_of(answer) == (ERROR, "invalid_request", f"code=400, message={problem}")


def test_a_repeated_parameter_counts_once_the_first(visitor: Visitor) -> None:
    done = quote(DONE, safe="")
    path = f"/thirdparty/auth?provider=nobody&redirect_to={done}&provider=custom_stub&redirect_to=x"
    assert error_of(visitor.client.get(path))[2] == "unknown provider: nobody"


def test_names_of_providers_are_taken_as_they_are(visitor: Visitor) -> None:
    for name in (" custom_stub", "custom_stub ", "CUSTOM_STUB", "stub"):
        assert error_of(visitor.start(name=name))[2] == f"unknown provider: {name}"


@pytest.mark.parametrize("name", ["Google", "google"])
def test_built_in_providers_are_called_as_frontends_read_their_names(
    make_visitor: Callable[..., Visitor], name: str
) -> None:
    google = {"enabled": True, "client_id": "google-client", "secret": "google-secret"}
    visitor = make_visitor({"third_party.providers.google": google})
    answer = visitor.start(name=name)
    assert place_of(answer)[0] == "https://accounts.google.com/o/oauth2/auth"
    assert error_of(visitor.start(name="GitHub"))[2] == "github provider requested but disabled"


def test_a_json_body_names_no_redirect(visitor: Visitor) -> None:
    answer = visitor.client.get("/thirdparty/auth?provider=custom_stub", json={"redirect_to": DONE})
    assert error_of(answer)[2] == "code=400, message=RedirectTo is a required field"


# States (security.md 19)


def test_a_state_holds_for_the_browser_that_has_begun(visitor: Visitor, stranger: Visitor) -> None:
    visitor.start()
    code = visitor.provider.grant(ALICE)
    wanted = (ERROR, "invalid_request")
    answer = stranger.come_back(state=visitor.state, code=code)
    assert error_of(answer) == (*wanted, "expected state must not be empty")
    stranger.start()
    answer = stranger.come_back(state=visitor.state, code=code)
    assert error_of(answer) == (*wanted, "could not verify state")
    assert stored(visitor) == NOTHING
    assert visitor.provider.asked == []
    assert "hanko_token" in place_of(visitor.come_back(state=visitor.state, code=code))[1]


def test_a_state_is_used_once(visitor: Visitor) -> None:
    assert "hanko_token" in place_of(visitor.log_in())[1]
    again = visitor.come_back(state=visitor.state, code=visitor.provider.grant(ALICE))
    assert error_of(again) == (DONE, "invalid_request", "state was used before")
    assert stored(visitor)["Token"] == 1


def test_a_failed_exchange_uses_it_up_and_an_error_of_the_provider_does_not(visitor: Visitor) -> None:
    visitor.start()
    assert error_of(visitor.come_back(state=visitor.state, error="access_denied"))[1] == "access_denied"
    assert error_of(visitor.come_back(state=visitor.state))[2] == "auth code missing from request"
    assert error_of(visitor.come_back(state=visitor.state, code="bad"))[2] == EXCHANGE
    answer = visitor.come_back(state=visitor.state, code=visitor.provider.grant(ALICE))
    assert error_of(answer)[2] == "state was used before"


@pytest.mark.usefixtures("hasty_threads")
def test_twenty_at_once_with_one_state_and_code_bring_one_token(visitor: Visitor) -> None:
    visitor.start()
    code = visitor.provider.grant(ALICE)

    def come_back(_: int) -> dict[str, str]:
        return place_of(visitor.come_back(state=visitor.state, code=code))[1]

    with ThreadPoolExecutor(20) as threads:
        queries = list(threads.map(come_back, range(20)))
    assert sorted(query.get("error_description", "") for query in queries) == [
        "",
        *["state was used before"] * 19,
    ]
    assert stored(visitor) == {"User": 1, "Email": 1, "Identity": 1, "Token": 1}


def test_a_state_ends_after_five_minutes(visitor: Visitor, clock: FakeClock) -> None:
    visitor.start()
    clock.advance(minutes=5)
    answer = visitor.come_back(state=visitor.state, code=visitor.provider.grant(ALICE))
    assert error_of(answer) == (ERROR, "invalid_request", "state is expired")


def test_a_code_is_traded_where_the_log_in_has_begun(visitor: Visitor) -> None:
    """What a provider gives to one registration can't be had with the state of another."""
    visitor.start(name="custom_other")
    visitor.come_back(state=visitor.state, code=visitor.provider.grant(ALICE))
    with services_of(visitor).database.connection():
        assert [identity.provider_id for identity in Identity.select()] == ["custom_other"]


@pytest.mark.parametrize(
    ("issuer", "of_provider"),
    [
        ("https://evil.example.test", {"use_discovery": True}),
        ("https://evil.example.test", {}),
        # Who has none has not that of another provider, which the fixture names `other`.
        ("{other}", {"issuer": ""}),
    ],
)
def test_no_code_is_handed_to_another_provider_than_that_which_gave_it(
    make_visitor: Callable[..., Visitor], issuer: str, of_provider: dict[str, Any]
) -> None:
    """What one has sent a browser back with, while the state says that another would (RFC 9207)."""
    visitor = make_visitor(**of_provider)
    visitor.start()
    code, issuer = visitor.provider.grant(ALICE), issuer.format(other=visitor.provider.url)
    answer = visitor.come_back(state=visitor.state, code=code, iss=issuer)
    assert error_of(answer) == (DONE, "invalid_request", "could not verify state")
    assert [place for place, _ in visitor.provider.asked if place == "token"] == []


def test_who_has_no_issuer_may_send_one_that_is_nobodys(make_visitor: Callable[..., Visitor]) -> None:
    visitor = make_visitor(issuer="")
    visitor.start()
    answer = visitor.come_back(
        state=visitor.state, code=visitor.provider.grant(ALICE), iss="https://new.example.test"
    )
    assert "hanko_token" in place_of(answer)[1]


def test_who_says_that_it_always_sends_its_issuer_has_to(make_visitor: Callable[..., Visitor]) -> None:
    visitor = make_visitor(use_discovery=True)
    visitor.provider.metadata["authorization_response_iss_parameter_supported"] = True
    visitor.start()
    code = visitor.provider.grant(ALICE)
    answer = visitor.come_back(state=visitor.state, code=code)
    assert error_of(answer) == (DONE, "invalid_request", "could not verify state")
    assert [place for place, _ in visitor.provider.asked if place == "token"] == []
    visitor.start()
    answer = visitor.come_back(state=visitor.state, code=code, iss=visitor.provider.url)
    assert "hanko_token" in place_of(answer)[1]


def test_a_provider_that_is_gone_is_told_where_the_log_in_was_to_end(
    make_visitor: Callable[..., Visitor], visitor: Visitor
) -> None:
    visitor.start(name="custom_other")
    later = make_visitor({"third_party.custom_providers.other.enabled": False})
    later.cookie = visitor.cookie
    answer = later.come_back(state=visitor.state, code="x")
    assert error_of(answer) == (DONE, "invalid_request", "provider custom_other is disabled")


def test_no_state_and_no_cookie_break_it(visitor: Visitor) -> None:
    for text in ("", "x" * 9000, "%00", "\x00", "é", "AAAA", "=", "\udcff"):
        raw = quote(text, errors="surrogatepass")
        answer = visitor.client.get(
            f"/thirdparty/callback?state={raw}&code=x", headers={"Cookie": f"{COOKIE}={raw}"}
        )
        assert answer.status_code == 307
        assert error_of(answer)[:2] == (ERROR, "invalid_request")


# Names in the request's head (security.md 29)


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Original-URL"])
def test_a_forged_host_changes_nothing(visitor: Visitor, header: str) -> None:
    forged = {header: "host=evil.test" if header == "Forwarded" else "evil.test"}
    answer = visitor.start(**forged)
    assert place_of(answer)[1]["redirect_uri"] == CALLBACK
    assert "evil.test" not in str(answer.headers)
    again = visitor.client.post("/thirdparty/callback", data={"state": "x"}, headers=forged)
    assert again.headers["Location"] == "/thirdparty/callback?state=x"


# Providers that fail


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"token": (500, "")}, ("invalid_request", EXCHANGE)),
        ({"token": (200, "<html>")}, ("invalid_request", EXCHANGE)),
        ({"token": (200, "[]")}, ("invalid_request", EXCHANGE)),
        ({"token": (200, '{"error": "x", "access_token": "y"}')}, ("invalid_request", EXCHANGE)),
        ({"token": (302, "")}, ("invalid_request", EXCHANGE)),
        ({"token": (200, "9" * 5_000_000)}, ("invalid_request", EXCHANGE)),
        ({"userinfo": (500, "")}, ("invalid_request", USER_DATA)),
        ({"userinfo": (200, "null")}, ("invalid_request", USER_DATA)),
        ({"userinfo": (200, '{"sub": "a", "sub": NaN')}, ("invalid_request", USER_DATA)),
        ({"userinfo": (200, "{}")}, ("server_error", INTERNAL)),
        ({"userinfo": (200, '{"sub": ""}')}, ("server_error", INTERNAL)),
        ({"userinfo": (200, '{"sub": "a", "email": "no address", "email_verified": true}')}, None),
        ({"userinfo": (200, '{"sub": "' + "a" * 300 + '"}')}, ("server_error", INTERNAL)),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_provider_that_fails_or_lies_leaves_nothing(
    visitor: Visitor, answers: dict[str, tuple[int, str]], error: tuple[str, str] | None
) -> None:
    visitor.provider.answers = answers
    answer = visitor.log_in()
    assert answer.status_code == 307
    place, *told = error_of(answer)
    assert place == DONE
    assert error is None or tuple(told) == error
    assert "hanko_token" not in place_of(answer)[1]
    assert stored(visitor) == NOTHING


def test_a_provider_that_says_nothing_is_waited_for_as_long_as_configured(
    make_visitor: Callable[..., Visitor],
) -> None:
    visitor = make_visitor({"hanko_compat.third_party.timeout": "500ms"})
    visitor.provider.hangs = True
    begun = time.monotonic()
    assert error_of(visitor.log_in()) == (DONE, "invalid_request", EXCHANGE)
    assert time.monotonic() - begun < 30
    assert stored(visitor) == NOTHING


def test_a_provider_that_is_down_is_told_at_both_ends(make_visitor: Callable[..., Visitor]) -> None:
    visitor = make_visitor()
    visitor.start()
    visitor.provider.__exit__()
    answer = visitor.come_back(state=visitor.state, code="x")
    assert error_of(answer) == (DONE, "invalid_request", EXCHANGE)
    other = make_visitor(use_discovery=True)
    assert error_of(other.start()) == (ERROR, "invalid_request", "the provider is not available")
    visitor.provider.__enter__()


@pytest.mark.one_database
def test_a_database_that_is_down_is_told_by_a_redirect_too(make_visitor: Callable[..., Visitor]) -> None:
    down = {"database.url": "postgres://nobody@127.0.0.1:9/none", "audit_log.storage.enabled": True}
    visitor = make_visitor(down)
    assert error_of(visitor.start(name="nobody")) == (ERROR, "invalid_request", "unknown provider: nobody")
    assert error_of(visitor.log_in()) == (DONE, "server_error", INTERNAL)


def test_an_error_of_the_provider_is_passed_on(visitor: Visitor) -> None:
    visitor.start()
    words = {"error_uri": "https://evil.test", "error_description": "Nein, <b>so</b> nicht: ä\r\n"}
    answer = visitor.come_back(state=visitor.state, code="x", error="access_denied", **words)
    assert place_of(answer) == (
        DONE,
        {"error": "access_denied", "error_description": words["error_description"]},
    )
    answer = visitor.come_back(state=visitor.state, error="server_error", error_description="secret")
    assert error_of(answer) == (DONE, "server_error", INTERNAL)


@pytest.mark.one_database
def test_no_connection_is_held_while_a_provider_is_asked(visitor: Visitor, clock: FakeClock) -> None:
    """Nor does a transaction: another one writes meanwhile, although SQLite lets one write at a time."""
    database = services_of(visitor).database
    written = []

    def write() -> None:
        database.transaction(lambda: SpentToken.insert(id="x", expires_at=clock()).execute())
        written.append(True)

    visitor.provider.meanwhile = write
    assert "hanko_token" in place_of(visitor.log_in())[1]
    assert written == [True]


# Logs


def test_states_codes_and_tokens_reach_no_log_line(
    visitor: Visitor, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    codes = []
    for userinfo in (None, (500, "failed"), (200, "{}")):
        visitor.provider.answers = {} if userinfo is None else {"userinfo": userinfo}
        visitor.start()
        codes += [visitor.state, secret_code := f"a-code-{len(codes)}"]
        visitor.provider.granted[secret_code] = ALICE
        codes += (
            place_of(visitor.come_back(state=visitor.state, code=secret_code))[1]
            .get("hanko_token", "")
            .split()
        )
        form = {"state": visitor.state, "code": secret_code}
        visitor.client.post("/thirdparty/callback", data=form)
    output = capsys.readouterr()
    lines = [str(vars(record)) for record in caplog.records if record.name.startswith("hanko_compat")]
    ours = "\n".join([output.out, output.err, *lines])
    assert "/thirdparty/callback" in ours
    assert [code for code in codes if code in ours] == []
    assert "a-secret-of-the-client" not in ours


def test_our_log_names_the_provider_that_failed(visitor: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    visitor.log_in({"sub": ""})
    (record,) = [each for each in caplog.records if each.msg == "third_party_login_failed"]
    assert vars(record)["provider"] == "custom_stub"
