"""Who logs in with whatever method gets a device cookie, and requests bring it back."""

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from hanko_compat.app import services_of
from hanko_compat.hashing import bcrypt
from hanko_compat.services.device_cookies import ID_LENGTH
from hanko_compat.web.client_address import client as caller
from tests.authenticator import Authenticator
from tests.calls import CALLER
from tests.factories import make_account, make_email, make_passcode, make_password
from tests.passkeys import Browser, bearer, make_passkey

PASSWORD = "correct horse"
HASH = bcrypt.create(PASSWORD, cost=4)
LIMITED = {"rate_limiter.enabled": True, "password.enabled": True}


def device_cookies(response: TestResponse) -> list[str]:
    """The device cookies that an answer sets, with their attributes."""
    lines = response.headers.getlist("Set-Cookie")
    return [line for line in lines if line.startswith("hanko_compat_device=")]


def value_of(response: TestResponse) -> str:
    (line,) = device_cookies(response)
    return line.partition("=")[2].partition(";")[0]


def make_client(make_app: Any, changes: dict[str, Any] | None = None) -> FlaskClient:
    return make_app(LIMITED | (changes or {})).test_client(use_cookies=False)


def log_in_with_password(client: FlaskClient, user_id: Any = None, **headers: str) -> TestResponse:
    if user_id is None:
        user_id = make_account().user_id
        make_password(user=user_id, password=HASH)
    body = {"user_id": str(user_id), "password": PASSWORD}
    return client.post("/password/login", json=body, headers=headers)


def log_in_with_passcode(client: FlaskClient) -> TestResponse:
    body = {"id": str(make_passcode(code="123456").id), "code": "123456"}
    return client.post("/passcode/login/finalize", json=body)


def log_in_with_passkey(client: FlaskClient) -> TestResponse:
    device, _ = make_passkey(Authenticator())
    browser = Browser(client)
    return browser.log_in(device.get(browser.request_options()))


METHODS = [log_in_with_password, log_in_with_passcode, log_in_with_passkey]


@pytest.mark.parametrize("log_in", METHODS)
def test_each_log_in_hands_a_device_cookie_out(make_app, log_in):
    response = log_in(make_client(make_app))
    assert response.status_code == 200
    assert device_cookies(response) == [
        f"hanko_compat_device={value_of(response)}; Path=/; Max-Age=15552000; HttpOnly; SameSite=Strict"
    ]


@pytest.mark.parametrize("log_in", METHODS)
def test_without_limits_there_is_no_device_cookie(make_app, log_in):
    response = log_in(make_client(make_app, {"rate_limiter.enabled": False}))
    assert response.status_code == 200
    assert device_cookies(response) == []


@pytest.mark.parametrize(
    ("cookie", "attributes"),
    [
        (
            {"secure": True, "same_site": "none", "http_only": False, "domain": "example.test"},
            "Path=/; Domain=example.test; Max-Age=15552000; HttpOnly; Secure; SameSite=None",
        ),
        ({"same_site": "lax", "name": "sid"}, "Path=/; Max-Age=15552000; HttpOnly; SameSite=Lax"),
    ],
)
def test_it_goes_where_the_session_cookie_goes_but_no_page_reads_it(make_app, cookie, attributes):
    response = log_in_with_password(make_client(make_app, {"session.cookie": cookie}))
    assert device_cookies(response)[0].partition("; ")[2] == attributes


def test_it_is_a_cookie_even_where_the_session_comes_in_a_header(make_app):
    response = log_in_with_password(make_client(make_app, {"session.enable_auth_token_header": True}))
    assert [line.partition("=")[0] for line in response.headers.getlist("Set-Cookie")] == [
        "hanko_compat_device"
    ]


def test_a_sign_up_proves_nothing_yet(make_app):
    client = make_client(make_app, {"email.require_verification": False})
    response = client.post("/users", json={"email": "alice@example.test"})
    assert response.status_code == 200
    assert device_cookies(response) == []


def test_a_refused_log_in_gets_none(make_app):
    client = make_client(make_app)
    user_id = make_account().user_id
    make_password(user=user_id, password=HASH)
    body = {"user_id": str(user_id), "password": "wrong horse"}
    assert device_cookies(client.post("/password/login", json=body)) == []


def test_log_out_leaves_it(make_app):
    client = make_client(make_app)
    session = log_in_with_password(client).headers["Set-Cookie"].partition(";")[0]
    response = client.post("/logout", headers={"Cookie": session})
    assert response.status_code == 204
    assert device_cookies(response) == []


@pytest.mark.parametrize(
    "sent", ["{}", "other=1; {}", "hanko_compat_device=planted; {}", "hanko=x; {}; hanko_compat_device=junk"]
)
def test_a_request_brings_it_back(make_app, sent):
    client = make_client(make_app)
    user_id = make_account().user_id
    make_password(user=user_id, password=HASH)
    cookie = value_of(log_in_with_password(client, user_id))
    with client:
        client.get("/health/alive", headers={"Cookie": sent.format(f"hanko_compat_device={cookie}")})
        known = services_of(client.application).device_cookies.find(user_id, caller())
    assert known == cookie[:ID_LENGTH]


@pytest.mark.parametrize("sent", ["", "hanko=1", "hanko_compat_device=", "hanko_compat_device"])
def test_a_request_may_bring_none(app, sent):
    with app.test_request_context("/", headers={"Cookie": sent}):
        app.preprocess_request()
        assert caller().device_cookie is None


def test_other_accounts_of_the_browser_stay_known(make_app):
    client = make_client(make_app)
    users = [make_account().user_id for _ in range(2)]
    for user_id in users:
        make_password(user=user_id, password=HASH)
    first = value_of(log_in_with_password(client, users[0]))
    second = value_of(log_in_with_password(client, users[1], Cookie=f"hanko_compat_device={first}"))
    cookies = services_of(client.application).device_cookies
    assert all(cookies.find(user_id, replace(CALLER, device_cookie=second)) for user_id in users)


def test_a_broken_cookie_changes_nothing(make_app):
    client = make_client(make_app)
    response = log_in_with_password(client, Cookie="hanko_compat_device=" + "x" * 6000)
    assert response.status_code == 200
    assert len(device_cookies(response)) == 1


def session_header(client: FlaskClient, user_id: Any) -> dict[str, str]:
    answer = log_in_with_password(client, user_id)
    token = answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    return {"Authorization": f"Bearer {token}", "Cookie": f"hanko_compat_device={value_of(answer)}"}


def set_password(client: FlaskClient, user_id: Any, headers: dict[str, str]) -> TestResponse:
    body = {"user_id": str(user_id), "password": "another horse"}
    return client.put("/password", json=body, headers=headers)


def set_primary(client: FlaskClient, user_id: Any, headers: dict[str, str]) -> TestResponse:
    return client.post(f"/emails/{make_email(user=user_id).id}/set_primary", headers=headers)


@pytest.mark.parametrize("change", [set_password, set_primary])
def test_who_changes_what_proves_the_account_stays_known_and_others_do_not(make_app, change):
    client = make_client(make_app)
    user_id = make_account().user_id
    make_password(user=user_id, password=HASH)
    others = value_of(log_in_with_password(client, user_id))
    response = change(client, user_id, session_header(client, user_id))
    assert response.status_code in (200, 204)
    cookies = services_of(client.application).device_cookies
    assert cookies.find(user_id, replace(CALLER, device_cookie=value_of(response))) is not None
    assert cookies.find(user_id, replace(CALLER, device_cookie=others)) is None
    assert value_of(response).count("~") == 0


@pytest.mark.parametrize("change", [set_password, set_primary])
def test_without_limits_a_change_sets_no_cookie(make_app, change):
    client = make_client(make_app, {"rate_limiter.enabled": False})
    user_id = make_account().user_id
    session = services_of(client.application)
    response = change(client, user_id, bearer(session, user_id))
    assert response.status_code in (201, 204)
    assert "Set-Cookie" not in response.headers


def test_a_browser_that_logs_in_again_keeps_its_id(make_app):
    client = make_client(make_app)
    user_id = make_account().user_id
    make_password(user=user_id, password=HASH)
    first = value_of(log_in_with_password(client, user_id))
    second = value_of(log_in_with_password(client, user_id, Cookie=f"hanko_compat_device={first}"))
    assert second[:ID_LENGTH] == first[:ID_LENGTH]
