"""The gateway for text messages: what may be said of it."""

import json
from datetime import timedelta
from ipaddress import ip_network

import pytest

from tests.config.example import accepted, refused

SMS = "hanko_compat.backend_api.sms"


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("url", "", ""),
        (
            "url",
            "https://sms.example.com/v1/messages?account=5",
            "https://sms.example.com/v1/messages?account=5",
        ),
        ("body", '{"n": "$to", "t": "$text", "price": "$$1"}', '{"n": "$to", "t": "$text", "price": "$$1"}'),
        ("body", "${to} ${code} $id $minutes $language", "${to} ${code} $id $minutes $language"),
        ("headers", {"Authorization": "Bearer a b", "X-1": ""}, {"Authorization": "Bearer a b", "X-1": ""}),
        ("timeout", "20s", timedelta(seconds=20)),
        ("private_networks", ["10.0.0.0/8", "::1"], (ip_network("10.0.0.0/8"), ip_network("::1/128"))),
    ],
)
def test_what_is_accepted(key, value, expected):
    assert getattr(accepted({f"{SMS}.{key}": value}).hanko_compat.backend_api.sms, key) == expected


ADDRESS = "Must be an address such as https://sms.example.com/messages."
PLACES = "Must hold no $ but $code, $id, $language, $minutes, $text, $to and $$."
OWN = "Must be names of headers, none of them one that the server sets."


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        *(
            ("url", url, ADDRESS)
            for url in (
                5,
                "sms.example.com",
                "ftp://sms.example.com",
                "https://",
                "https:///messages",
                "https://user:secret@sms.example.com/",
                "https://sms.example.com/#a",
                "https://sms.example.com/a b",
                "https://sms.example.com/\n",
                "https://sms.example.com:99999/",
                "https://sms.\u00e9xample.com/",
                "https://[::1/",
            )
        ),
        ("body", "$to $text $price", PLACES),
        ("body", "$to $text costs $1", PLACES),
        ("body", "$to $text ${", PLACES),
        ("body", "$text", "Must hold $to, and $text or $code."),
        ("body", "$to", "Must hold $to, and $text or $code."),
        ("body", "", "Must hold $to, and $text or $code."),
        ("body", "$to\n$text", "Must be one line of printable text."),
        ("body", {"to": "$to"}, "Must be text: put it in quotes."),
        ("headers", {"Content-Type": "a"}, OWN),
        ("headers", {"hOST": "a"}, OWN),
        ("headers", {"a b": "c"}, OWN),
        ("headers", {"": "c"}, OWN),
        ("headers", {"a": "\u00e9"}, "Must be ASCII."),
        ("headers", {"a": " b"}, "Must have no blanks around its values."),
        ("headers", {"a": "b "}, "Must have no blanks around its values."),
        ("headers", {"a": "b", "A": "c"}, "Must name no header twice, in letters of any case."),
        ("headers", {"a\n": "b"}, OWN),
        ("headers", {"a:": "b"}, OWN),
        ("headers", ["a: b"], "Must be a mapping of names."),
        ("timeout", "21s", "Must be 20s at most."),
        ("timeout", "0s", "Must be longer than zero."),
        ("content_type", "text/plain", "Must be one of application/json, application/x-www-form-urlencoded."),
    ],
)
def test_what_is_refused(key, value, told):
    assert refused({f"{SMS}.{key}": value}) == [f"{SMS}.{key}: {told}"]


def test_a_header_of_two_lines_is_refused():
    (problem,) = refused({f"{SMS}.headers": {"Authorization": "a\r\nX: b"}})
    assert problem == f"{SMS}.headers.Authorization: Must be one line of printable text."


def test_headers_from_the_environment():
    variables = {"HANKO_COMPAT_BACKEND_API_SMS_HEADERS": '{"Authorization": "Bearer a"}'}
    assert accepted({}, variables).hanko_compat.backend_api.sms.headers == {"Authorization": "Bearer a"}


@pytest.mark.parametrize("character", [*map(chr, range(32)), "\x7f", "\x85", "\u2028"])
def test_a_header_holds_no_control_character(character):
    """Nothing that could end the header, wherever it stands, in the file and in the environment."""
    told = f"{SMS}.headers.a: Must be one line of printable text."
    for text in (f"b{character}c: d", f"{character}b", f"b{character}"):
        assert refused({f"{SMS}.headers": {"a": text}}) == [told]
        variable = {"HANKO_COMPAT_BACKEND_API_SMS_HEADERS": json.dumps({"a": text})}
        assert [line.partition(" (environment")[0] for line in refused({}, variable)] == [told]
