"""The page behind the link of a notice: whoever presses its button is known as a browser of the account."""

import re
from dataclasses import replace

import pytest

from hanko_compat.app import services_of
from hanko_compat.storage.models import SpentToken
from tests.calls import CALLER
from tests.factories import make_account
from tests.web.test_device_cookie import device_cookies, value_of

URL = "https://auth.example.test"
PATH = "/device-cookie"
LIMITED = {"rate_limiter.enabled": True, "hanko_compat.public_url": URL, "service.name": "Café <&> Co"}
WRONG = "0" * 78 + ".AAAAAA." + "A" * 43


@pytest.fixture
def client(make_app):
    return make_app(LIMITED).test_client(use_cookies=False)


@pytest.fixture
def owner(client):
    return make_account().user_id


@pytest.fixture
def token(client, owner):
    return services_of(client.application).device_links.make(owner).partition("?token=")[2]


def look(client, token, **headers):
    return client.get(PATH, query_string={"token": token}, headers=headers)


def press(client, token, **headers):
    return client.post(PATH, data={"token": token}, headers=headers)


def knows(client, user_id, cookie):
    caller = replace(CALLER, device_cookie=cookie)
    return services_of(client.application).device_cookies.find(user_id, caller) is not None


def test_the_button_makes_the_browser_known(client, owner, token):
    response = press(client, token, Origin=URL)
    assert response.status_code == 200
    assert "Go back and log in" in response.text
    assert "<form" not in response.text
    assert knows(client, owner, value_of(response))
    assert device_cookies(response)[0].endswith("; Path=/; Max-Age=15552000; HttpOnly; SameSite=Strict")


def test_no_session_comes_of_it(client, token):
    response = press(client, token)
    assert [line.partition("=")[0] for line in response.headers.getlist("Set-Cookie")] == [
        "hanko_compat_device"
    ]


def test_a_scanner_of_mails_uses_nothing_up(client, token):
    for method in (client.get, client.head, client.get):
        response = method(PATH, query_string={"token": token})
        assert response.status_code == 200
        assert device_cookies(response) == []
    assert press(client, token).status_code == 200


def test_the_page_has_one_form_which_sends_the_token(client, token):
    page = look(client, token).text
    (form,) = re.findall(r"<form (.*?)>", page)
    assert form == 'method="post" action="device-cookie"'
    assert re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)">', page) == [("token", token)]
    assert "<script" not in page
    assert "Café &lt;&amp;&gt; Co" in page


@pytest.mark.parametrize("send", [look, press])
@pytest.mark.parametrize("is_good", [True, False])
def test_no_one_keeps_frames_or_learns_the_page(client, token, send, is_good):
    headers = send(client, token if is_good else WRONG).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "strict-origin"
    assert headers["Content-Type"] == "text/html; charset=UTF-8"
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[0-9A-Za-z+/]{43}='; base-uri 'none'; form-action 'self'; "
        r"frame-ancestors 'none'",
        headers["Content-Security-Policy"],
    )
    assert "Access-Control-Allow-Origin" not in headers


def test_a_link_works_once(client, token):
    press(client, token)
    for send in (look, press):
        response = send(client, token)
        assert response.status_code == 410
        assert "used before or is too old" in response.text
        assert device_cookies(response) == []


def test_an_old_link_is_refused(make_app, clock):
    client = make_app(LIMITED).test_client(use_cookies=False)
    token = services_of(client.application).device_links.make(make_account().user_id).partition("=")[2]
    clock.advance(days=7, seconds=1)
    for send in (look, press):
        response = send(client, token)
        assert response.status_code == 410
        assert device_cookies(response) == []


@pytest.mark.parametrize("token", ["", WRONG, "'\"><script>alert(1)</script>", "\x00", "é", "a" * 4000])
@pytest.mark.parametrize("send", [look, press])
def test_a_made_up_link_is_refused(client, send, token):
    response = send(client, token)
    assert response.status_code == 400
    assert "not complete" in response.text
    assert "alert" not in response.text
    assert device_cookies(response) == []
    with services_of(client.application).database.connection():
        assert SpentToken.select().count() == 0


def test_the_page_is_in_the_language_of_its_reader(client, token):
    response = look(client, token, Accept_Language="de-CH")
    assert '<html lang="de">' in response.text
    assert "Diesen Browser einlassen" in response.text


def test_other_accounts_of_the_browser_stay_known(client, owner, token):
    bob = make_account().user_id
    cookie = services_of(client.application).device_cookies.issue(bob, CALLER)
    response = press(client, token, Cookie=f"hanko_compat_device={cookie}")
    assert all(knows(client, user_id, value_of(response)) for user_id in (owner, bob))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.test"},
        {"Origin": "null"},
        {"Origin": "https://evil.example.test", "Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example.test", "Cookie": "hanko=x"},
    ],
)
def test_no_other_site_presses_it(client, token, headers):
    assert press(client, token, **headers).status_code == 403
    assert press(client, token).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": URL, "Cookie": "hanko=x"},
        {"Origin": "http://localhost:8000", "Sec-Fetch-Site": "same-origin", "Cookie": "hanko=x"},
        {},
    ],
)
def test_its_own_form_passes(client, token, headers):
    assert press(client, token, **headers).status_code == 200


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ('{"token": "x"}', "application/json", 415),
        (b"--x--", "multipart/form-data; boundary=x", 415),
        (b"", None, 415),
        (b"&".join([b"a=b"] * 30), "application/x-www-form-urlencoded", 400),
        (b"token=%ff%00&token", "application/x-www-form-urlencoded", 400),
        (b"x" * (1024 * 1024 + 1), "application/x-www-form-urlencoded", 413),
    ],
)
def test_what_is_no_such_form_is_refused(client, body, content_type, status):
    response = client.post(PATH, data=body, content_type=content_type)
    assert response.status_code == status
    assert device_cookies(response) == []


def test_looks_are_limited_for_each_client(make_app):
    client = make_app(
        {**LIMITED, "hanko_compat.limits.lookup": {"tokens": 3, "interval": "1m"}}
    ).test_client()
    statuses = [look(client, WRONG).status_code, press(client, WRONG).status_code]
    statuses += [look(client, WRONG).status_code, press(client, WRONG).status_code]
    assert statuses == [400, 400, 400, 429]


def test_without_limits_there_is_no_such_page(app):
    client = app.test_client()
    assert look(client, WRONG).status_code == 404
    assert press(client, WRONG).status_code == 404


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_it_takes_no_other_method(client, method):
    assert getattr(client, method)(PATH).status_code == 405


def test_the_token_reaches_no_log_line(client, token, caplog):
    with caplog.at_level("DEBUG"):
        look(client, token)
        press(client, token)
        press(client, token)
    lines = [str(vars(record)) for record in caplog.records]
    assert any(PATH in line for line in lines)
    assert not any(token in line for line in lines)
