"""Placeholders: what they stand for, and that a number stands for one value."""

from datetime import UTC, datetime

import pytest

from tests.contract.placeholders import Bindings, Unbound

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
ID = "6d1ff0bb-1a1e-4a26-9b64-1a3b0d3e0a01"
ID_IN_BASE64 = "bR_wuxoeSiabZBo7DT4KAQ"


@pytest.fixture
def bindings() -> Bindings:
    return Bindings(now=lambda: NOW, texts={"{run}": "abcdefgh", "<passcode>": "123456"})


@pytest.mark.parametrize(
    ("recorded", "written"),
    [
        ("<uuid:1>", ID),
        ("<UUID:1>", ID.upper()),
        ("<uuid:1> without dashes", ID.replace("-", "")),
        ("<b64 <uuid:1>>", ID_IN_BASE64),
        ("x.{run}@example.test", "x.abcdefgh@example.test"),
        ("hanko=<jwt:2>; a=<uuid:1>", f"hanko=a.b.c; a={ID}"),
        ("<passcode>", "123456"),
    ],
)
def test_filled_texts_match_again(bindings: Bindings, recorded: str, written: str) -> None:
    bindings.values = {("uuid", "1"): ID, ("jwt", "2"): "a.b.c"}
    assert bindings.fill(recorded) == written
    assert bindings.matches(recorded, written)


@pytest.mark.parametrize("recorded", ["<uuid:1>", "<UUID:1>", "<b64 <uuid:1>>", "<uuid:1> without dashes"])
def test_the_first_value_binds(bindings: Bindings, recorded: str) -> None:
    written = {"<uuid:1>": ID, "<UUID:1>": ID.upper(), "<b64 <uuid:1>>": ID_IN_BASE64}
    assert bindings.matches(recorded, written.get(recorded, ID.replace("-", "")))
    assert bindings.values == {("uuid", "1"): ID}


def test_an_unbound_variable_of_a_request_is_told(bindings: Bindings) -> None:
    with pytest.raises(Unbound):
        bindings.fill("<uuid:9>")


def test_what_is_missing_can_be_named(bindings: Bindings) -> None:
    assert bindings.fill("<uuid:9> <uuid:9>", lambda kind, number: kind + number) == "uuid9 uuid9"


@pytest.mark.parametrize(
    ("recorded", "actual", "fits"),
    [
        ("<bytes:3>", "AAAA", True),
        ("<bytes:3>", "AAAA====", False),
        ("<bytes:3>", "AAA", False),
        ("<seconds:0-60>", "60", True),
        ("<seconds:0-60>", "61", False),
        ("<time Z>", "2026-05-04T03:02:01Z", True),
        ("<time Z>", "2026-05-04T03:02:01", False),
        ("<time offset frac:9>", "2026-05-04T05:02:01.123456789+02:00", True),
        ("<time offset frac:9>", "2026-05-04T03:02:01.123456789Z", False),
        ("(a) [b] <uuid:1>.", f"(a) [b] {ID}.", True),
        ("(a) [b] <uuid:1>.", f"(a) [b] {ID}!", False),
        ("<unknown>", "<unknown>", True),
    ],
)
def test_what_fits(bindings: Bindings, recorded: str, actual: str, *, fits: bool) -> None:
    assert bindings.matches(recorded, actual) == fits
