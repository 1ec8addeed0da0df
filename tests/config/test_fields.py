"""The kinds of values, one table for each: what is accepted, and the words about what is not."""

from datetime import date, timedelta
from ipaddress import ip_network

import pytest
from marshmallow import ValidationError

from hanko_compat.config.database import DatabaseUrl
from hanko_compat.config.extensions import SwitchOrAuto
from hanko_compat.config.fields import (
    Address,
    Choice,
    Duration,
    Json,
    Kind,
    ListOf,
    MapOf,
    Network,
    Port,
    Switch,
    Text,
    Whole,
)
from hanko_compat.config.origins import Origin, PublicUrl
from hanko_compat.config.session import CookieName, Domain
from hanko_compat.config.webauthn import RelyingPartyId

ANDROID = "android:apk-key-hash:2Cl3WyYDGrvjSl3X6zVvn1JY_2Jdq2oLzcrg6lRJ8Os"
NAN = float("nan")
DEEP: dict[str, object] = {}
for _ in range(40):
    DEEP = {"deeper": DEEP}

ACCEPTED: list[tuple[Kind[object], list[object]]] = [
    (Switch(), [True, False]),
    (Whole(minimum=1, maximum=9), [1, 9]),
    (Text(), ["", "a", "with spaces, ümläute"]),
    (Choice("a", "b"), ["a", "b"]),
    (Port(), ["1", "65535"]),
    (Address(), [":8000", "127.0.0.1:8000", "[::1]:8000", "localhost:1"]),
    (Address(optional=True), [""]),
    (Json(), [{}, {"a": [1, 1.5, None, True, {"b": "c"}]}]),
    (SwitchOrAuto(), [True, False, "auto"]),
    (CookieName(), ["sid", "__Host-sid"]),
    (Domain(), ["", "example.com", ".example.com", "localhost"]),
    (RelyingPartyId(), ["localhost", "login.example.com"]),
    (Origin(), ["*", "https://example.com", "http://localhost:8888", "https://*.a.test", "*://a.test:*"]),
    (Origin(), ["capacitor://localhost", "chrome-extension://abcdef", "http://[::1]:8888", ANDROID]),
    (Origin(), ["", "null", "example.com", "https://", "https://a.test/path", "https://a.test/b/", "file://"]),
    (PublicUrl(), ["", "https://auth.example.com", "http://localhost:8000/auth"]),
    (DatabaseUrl(), [""]),
]  # fmt: skip
READ_AS: list[tuple[Kind[object], object, object]] = [
    (Port(), 5432, "5432"),
    (Duration(), "1m30s", timedelta(seconds=90)),
    (Duration(optional=True), "", None),
    (Duration(zero=True), 0, timedelta(0)),
    (Duration(zero=True), "0s", timedelta(0)),
    (Network(), "10.0.0.0/8", ip_network("10.0.0.0/8")),
    (Network(), "::ffff:10.0.0.0/104", ip_network("10.0.0.0/8")),
    (Network(), "::ffff:127.0.0.1", ip_network("127.0.0.1/32")),
    (Network(), "2001:db8::1", ip_network("2001:db8::1/128")),
    (ListOf(Text()), ["a", "b"], ("a", "b")),
    (MapOf(Whole()), {"a": 1}, {"a": 1}),
    (CookieName(), "", "hanko"),
    *(
        (Domain(), text, "")
        for text in ("https://example.com", "example.com:80", "a..b", "a; Secure", "-a", "a_b")
    ),
    (Origin(), "https://example.com/", "https://example.com"),
    (Origin(), "tauri://localhost/", "tauri://localhost"),
    (Origin(), "HTTP://*.example.com:8000/", "HTTP://*.example.com:8000"),
    (PublicUrl(), "https://auth.example.com/", "https://auth.example.com"),
    (Json(), {5: {True: "a"}}, {"5": {"true": "a"}}),
    (Json(), {"a": [date(2026, 1, 2)]}, {"a": [date(2026, 1, 2)]}),
]
REFUSED: list[tuple[Kind[object], list[object]]] = [
    (Switch(), [0, 1, "true", "yes", [], None]),
    (Whole(minimum=1, maximum=9), [0, 10, 1.0, "1", True, None, 10**30]),
    (Text(), [5, True, [], b"a", "two\nlines", "\x00", None]),
    (Choice("a", "b"), ["c", "A", "", 1, []]),
    (Port(), ["0", 0, 65536, "65536", "http", "", True, 1.0, "٣"]),
    (Duration(), ["", 0, "0", 5, 1.5, True, "-5m", "12 hours", "soon", None]),
    (Duration(optional=True), [0, "0s"]),
    (Address(), ["", "8000", "127.0.0.1", "host:0", "host:port", "http://host:80", "a b:80", "::1:80", 8000]),
    (Network(), ["", "10.0.0.1/8", "10.0.0.0/33", "example.com", 10, 0, None, b"abcd"]),
    (ListOf(Text()), ["a", {"a": "b"}, [5], {"a"}, 5]),
    (MapOf(Whole()), [["a"], {"a": "1"}, {5: 1}, "a"]),
    (Json(), [[], {"a": NAN}, {"a": float("inf")}, {"a": {1}}, {None: 1}, {"a": b""}, DEEP]),
    (Json(), [{"a": {None: 1}}]),
    (SwitchOrAuto(), ["", "on", "true", 1, 0, []]),
    (CookieName(), ["a b", "a;b", "a=b", "ü", 5, "a\n"]),
    (Domain(), [5, "a\n", None]),
    (RelyingPartyId(), ["", "https://example.com", "example.com:443", "example.com/", ".example.com", 5]),
    (Origin(), ["https://a.test\n", "\x00", 5, None, ["https://a.test"]]),
    (PublicUrl(), ["a.test", "ftp://a.test", "https://a.test?b", "https://u:p@a.test", "https://a.test:0"]),
    (PublicUrl(), ["https://a.test/b#c", "https://a.test/b c", "https:///b"]),
]  # fmt: skip


def cases(table: list[tuple[Kind[object], list[object]]]) -> list[tuple[Kind[object], object]]:
    return [(kind, value) for kind, values in table for value in values]


@pytest.mark.parametrize(("kind", "value"), cases(ACCEPTED))
def test_value_is_accepted_as_it_is(kind, value):
    assert kind.deserialize(value) == value
    assert kind.write(kind.deserialize(value)) == value


@pytest.mark.parametrize(("kind", "value", "meaning"), READ_AS)
def test_value_is_read(kind, value, meaning):
    assert kind.deserialize(value) == meaning
    assert kind.deserialize(kind.write(meaning)) == meaning


@pytest.mark.parametrize(("kind", "value"), cases(REFUSED))
def test_value_is_refused(kind, value):
    with pytest.raises(ValidationError):
        kind.deserialize(value)


@pytest.mark.parametrize(
    ("kind", "value", "messages"),
    [
        (Choice("a", "b"), "c", ["Must be one of a, b."]),
        (Whole(minimum=1, maximum=9), 10, ["Must be a whole number from 1 to 9."]),
        (Duration(), "12 hours", ["'12 hours' is not a duration, try 12h or 5m."]),
        (Duration(), "x" * 99, [f"'{'x' * 36}... is not a duration, try 12h or 5m."]),
        (Duration(), "-5m", ["Must be longer than zero."]),
        (ListOf(Text()), ["a", 5, "b", []], {i: ["Must be text: put it in quotes."] for i in (1, 3)}),
        (MapOf(Switch()), {"a": 1, "b": True}, {"a": ["Must be true or false."]}),
    ],
)
def test_message_says_what_is_wanted(kind, value, messages):
    with pytest.raises(ValidationError) as caught:
        kind.deserialize(value)
    assert caught.value.messages == messages
