"""What of a value that may hold a secret is shown."""

import pytest

from hanko_compat.config.secret_kinds import (
    MASK,
    Hidden,
    HiddenJson,
    ServerUrl,
    Url,
    server_of,
    without_credentials,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("localhost", "localhost"),
        ("redis.test:6379", "redis.test:6379"),
        ("[::1]:6379", "[::1]:6379"),
        ("fd00::1", "fd00::1"),
        (":8001", ":8001"),
        ("redis://redis.test", "redis://redis.test"),
        ("https://sms.test/", "https://sms.test/"),
        ("https://sms.test:8443/key/send?token=5", f"https://sms.test:8443/{MASK}"),
        ("https://[fd00::1]/key", f"https://[fd00::1]/{MASK}"),
        ("https://sms.test?token=5", f"https://sms.test/{MASK}"),
        ("https://sms.test#key", f"https://sms.test/{MASK}"),
        ("redis://:key@redis.test:6379", f"redis://{MASK}@redis.test:6379"),
        (":key@redis.test:6379", MASK),
        ("https://user:a/key@sms.test/", MASK),
        ("https://user:key", MASK),
        ("https://sms.test/a@b", MASK),
    ],
)
def test_only_the_server_of_an_address_is_shown(text, shown):
    assert server_of(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://site.test/callback", "https://site.test/callback"),
        ("https://site.test/a?token=5&b", f"https://site.test/a?token={MASK}&{MASK}"),
        ("https://site.test/a#b", f"https://site.test/a#{MASK}"),
        ("https://site.test/a#b?c=d", f"https://site.test/a#{MASK}"),
        ("https://user:key@site.test/a", f"https://{MASK}@site.test/a"),
        ("https://user:a/key@site.test/", f"https://{MASK}"),
        ("urn:site", "urn:site"),
        ("user:key@site", MASK),
    ],
)
def test_the_path_of_an_address_for_browsers_is_shown(text, shown):
    assert without_credentials(text) == Url().mask(text) == shown


def test_nothing_is_shown_of_what_is_no_address_of_a_server():
    assert ServerUrl().mask("key") == MASK
    assert ServerUrl().mask("") == ""


def test_neither_a_secret_nor_its_length_is_shown():
    assert Hidden().mask("a") == Hidden().mask("a" * 50) == MASK


def test_keys_of_an_unknown_mapping_are_shown_and_no_values():
    given = {"api": {"key": "a", "keys": ["b", 5]}, "on": True, "off": None}
    shown = {"api": {"key": MASK, "keys": [MASK, MASK]}, "on": True, "off": None}
    assert HiddenJson().mask(given) == shown
