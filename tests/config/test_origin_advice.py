"""Origins that match none, or not what was meant: the server starts, and says what to write."""

import pytest

from tests.config.example import accepted

CORS = "server.public.cors.allow_origins"
PARTY = "webauthn.relying_party.origins"
HASH = "2Cl3WyYDGrvjSl3X6zVvn1JY_2Jdq2oLzcrg6lRJ8Os"
NO_PASSKEYS = (
    "Browsers make no passkeys for localhost there, as a.test is neither that nor below it: remove it, or "
    "list it in hanko_compat.webauthn.associations.related_origins."
)


def advice(key: str, origin: str) -> list[str]:
    """The warnings about *origin*, which stands behind one that is right."""
    config = accepted({key: ["http://localhost:8888", origin]})
    assert all(warning.path == f"{key}[1]" for warning in config.warnings)
    return [warning.message for warning in config.warnings]


@pytest.mark.parametrize(
    "origin",
    [
        "https://a.test",
        "https://a.test:8443",
        "http://[::1]:3000",
        "https://*.a.test",
        "https://a.test:????",
        "*://a.test",
        "tauri://localhost",
        "http://tauri.localhost",
        "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        "moz-extension://0c2ee3a5-*",
        "file://",
        "ios:bundle-id:com.example.app",
        f"android:apk-key-hash:{HASH}",
    ],
)
def test_an_origin_as_it_should_be(origin):
    assert advice(CORS, origin) == []


@pytest.mark.parametrize(
    ("origin", "text"),
    [
        ("https://a.test/", "Is read as https://a.test: leave out the slash."),
        ("https://a.test/app", "Matches no origin, as browsers send https://a.test for it: write that."),
        ("https://a.test/app/", "Matches no origin, as browsers send https://a.test for it: write that."),
        ("https://A.test", "Matches no origin, as browsers send https://a.test for it: write that."),
        ("https://a.test:443", "Matches no origin, as browsers send https://a.test for it: write that."),
        ("http://a.test:80/#c", "Matches no origin, as browsers send http://a.test for it: write that."),
        ("https://u:p@a.test", "Matches no origin, as browsers send https://a.test for it: write that."),
        (
            "https://bücher.test",
            "Matches no origin, as browsers send https://xn--bcher-kva.test for it: write that.",
        ),
        ("tauri://localhost/", "Is read as tauri://localhost: leave out the slash."),
        (
            "chrome-extension://abc/popup.html",
            "Matches no origin, as clients send chrome-extension://abc for it: write that.",
        ),
        (" https://a.test", "Has blanks around it, so it matches no origin: write https://a.test."),
        ("a.test", "Has no scheme, so it matches no origin: write https://a.test."),
        ("localhost:3000", "Has no scheme, so it matches no origin: write https://localhost:3000."),
        ("", "Is empty: remove it."),
        (
            "null",
            "Is what sandboxed pages and local files of any origin send, so it is never allowed: remove it.",
        ),
        ("https://", "Is no origin, so it matches none: write one such as https://example.com."),
        (
            "https://a.test https://b.test",
            "Is no origin, so it matches none: write one such as https://example.com.",
        ),
        ("https://a.test:99999", "Is no origin, so it matches none: write one such as https://example.com."),
        ("https://*.a.test/*", "Matches no origin: write a pattern such as https://*.example.com."),
        ("*.a.test", "Matches no origin: write a pattern such as https://*.example.com."),
        ("https://*.bücher.test", "Matches no origin: write a pattern such as https://*.example.com."),
        ("https://u@*.a.test", "Matches no origin: write a pattern such as https://*.example.com."),
        ("https://*.A.test", "Matches no origin: write https://*.a.test."),
        ("HTTPS://*", "Matches no origin: write a pattern such as https://*.example.com."),
        ("https://*.a.test:443", "Matches no origin: write https://*.a.test."),
        (
            "https:/*.a.test",
            "Lacks a slash after its scheme, so it matches no origin: write https://*.a.test.",
        ),
        ("https:/a.test", "Lacks a slash after its scheme, so it matches no origin: write https://a.test."),
        (
            "http:localhost:8888",
            "Lacks a slash after its scheme, so it matches no origin: write http://localhost:8888.",
        ),
        (
            "chrome-extension://*",
            "Lets every app or extension of this scheme call with its users' cookies: name yours.",
        ),
    ],
)
def test_an_origin_that_may_call(origin, text):
    assert advice(CORS, origin) == [text]


def test_every_origin_may_call_where_that_is_wanted():
    config = accepted({CORS: ["*"], "server.public.cors.unsafe_wildcard_origin_allowed": True})
    assert config.warnings == ()


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        "https://login.localhost",
        "HTTPS://Localhost",
        "tauri://localhost",
        "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        f"android:apk-key-hash:{HASH}",
        f"android:apk-key-hash-sha256:{HASH}",
        "ios:bundle-id:com.example.app",
    ],
)
def test_an_origin_of_passkeys_as_it_should_be(origin):
    assert advice(PARTY, origin) == []


@pytest.mark.parametrize(
    ("origin", "text"),
    [
        ("https://a.test", NO_PASSKEYS),
        ("http://localhost/", "Is read as http://localhost: leave out the slash."),
        (
            "http://localhost/login",
            "Matches no origin, as browsers send http://localhost for it: write that.",
        ),
        (
            "https://*.localhost",
            "Is compared as it is, so it matches no origin: name each origin without * and ?.",
        ),
        ("localhost", "Has no scheme, so it matches no origin: write https://localhost."),
        (
            "android:apk-key-hash:14:6D:E9:83",
            "Matches no app: Android sends the certificate's SHA-256 in base64url, which has 43 characters.",
        ),
    ],
)
def test_an_origin_of_passkeys(origin, text):
    assert advice(PARTY, origin) == [text]


def test_an_origin_that_is_related_needs_no_other_domain():
    related = {"hanko_compat.webauthn.associations.related_origins": ["https://a.test"]}
    for origins in ["http://localhost:8888"], ["http://localhost:8888", "https://a.test"]:
        assert accepted({PARTY: origins, **related}).warnings == ()


def test_the_place_is_that_of_the_file():
    config = accepted({"cors.allow_origins": ["https://a.test/b"]})
    assert [warning.path for warning in config.warnings] == ["cors.allow_origins[0]"]


def test_keys_that_change_nothing_are_not_looked_at():
    assert accepted({"server.admin.cors.allow_origins": ["https://a.test/b"]}).warnings == ()


@pytest.mark.parametrize("key", [CORS, PARTY])
@pytest.mark.parametrize(
    "origin",
    [
        "https://u:hunter2@a.test",
        "https:/u:hunter2@a.test",
        " https://u:hunter2@a.test ",
        "https://u:hunter2@*.test",
        "https://u:hunter2@A.test/app",
        "HTTPS://u:hunter2@*",
        "https://u:hunter2@a.test:99999",
        "//u:hunter2@a.test",
        "postgres://u:hunter2@a.test/users",
        "postgres://u:hunter2@a.test/",
    ],
)
def test_no_password_of_an_origin_is_repeated(key, origin):
    (text,) = advice(key, origin)
    assert "hunter2" not in text
