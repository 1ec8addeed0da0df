"""What another site can't make a browser do with its user's cookie."""

import pytest

FOREIGN = "https://evil.example.test"


@pytest.fixture
def signed_in(make_app):
    """A client with a session cookie, and a function that tells whether the session lives."""
    app = make_app(
        {
            "email.require_verification": False,
            "server.public.cors.allow_origins": [
                "http://localhost:8888",
                "https://*.wild.example.test",
                "https://path.example.test/app",
                "capacitor://localhost",
                "moz-extension://0c2e-*",
                "null",
                "",
            ],
            "webauthn.relying_party.origins": [
                "https://shop.example.test",
                "https://*.glob.example.test",
                "chrome-extension://abcdefghijklmnop",
            ],
            "webauthn.relying_party.id": "example.test",
            "hanko_compat.public_url": "https://auth.example.test/door",
        }
    )
    client = app.test_client(use_cookies=False)
    cookies = client.post("/users", json={"email": "alice@example.test"}).headers.getlist("Set-Cookie")
    (cookie,) = [cookie.partition(";")[0] for cookie in cookies if cookie.startswith("hanko=")]
    return client, cookie


def lives(client, cookie):
    return client.get("/me", headers={"Cookie": cookie}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": FOREIGN},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": FOREIGN, "Sec-Fetch-Site": "cross-site"},
        {"Origin": FOREIGN, "Sec-Fetch-Site": "same-site"},
        {"Origin": "http://auth.example.test"},
        {"Origin": "https://auth.example.test.evil.test"},
        {"Origin": "https://wild.example.test"},
        {"Origin": "https://path.example.test"},
        {"Origin": "https://a.glob.example.test"},
        {"Origin": "chrome-extension://abcdefghijklmnoq"},
        {"Origin": "moz-extension://1c2e-a"},
    ],
)
def test_a_foreign_origin_can_change_nothing_with_the_cookie(signed_in, headers):
    client, cookie = signed_in
    response = client.post("/logout", headers={"Cookie": cookie, **headers})
    assert response.status_code == 403
    assert response.json["code"] == 403
    assert lives(client, cookie)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost:8888"},
        {"Origin": "https://a.wild.example.test"},
        {"Origin": "https://shop.example.test"},
        {"Origin": "https://auth.example.test"},
        {"Origin": "capacitor://localhost"},
        {"Origin": "moz-extension://0c2e-a1b2"},
        {"Origin": "chrome-extension://abcdefghijklmnop"},
        {"Origin": "http://localhost:8000", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_our_own_origins_can(signed_in, headers):
    client, cookie = signed_in
    assert client.post("/logout", headers={"Cookie": cookie, **headers}).status_code == 204
    assert not lives(client, cookie)


def test_a_bearer_token_alone_may_come_from_anywhere(signed_in):
    client, cookie = signed_in
    token = cookie.partition("=")[2]
    headers = {"Authorization": f"Bearer {token}", "Origin": FOREIGN}
    assert client.post("/logout", headers=headers).status_code == 204


@pytest.mark.parametrize("other", ["hanko_email_id=1", "xhanko=1", ""])
def test_other_cookies_do_not_matter(signed_in, other):
    client, _ = signed_in
    response = client.post(
        "/users", json={"email": "b@example.test"}, headers={"Cookie": other, "Origin": FOREIGN}
    )
    assert response.status_code == 200


def test_reading_is_cors_business(signed_in):
    client, cookie = signed_in
    response = client.get("/me", headers={"Cookie": cookie, "Origin": FOREIGN})
    assert response.status_code == 200
    assert "Access-Control-Allow-Origin" not in response.headers


def test_unknown_paths_are_guarded_alike(signed_in):
    client, cookie = signed_in
    assert client.post("/nowhere", headers={"Cookie": cookie, "Origin": FOREIGN}).status_code == 403
    assert client.delete("/user", headers={"Cookie": cookie, "Origin": FOREIGN}).status_code == 403
