from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from marshmallow import Schema, fields

from hanko_compat.backend.fields import (
    Answer,
    Id,
    Milliseconds,
    Moment,
    Seconds,
    length,
    optional_choice,
    optional_text,
    required_choice,
    required_text,
)

MOMENT = datetime(2026, 1, 2, 5, 4, 5, 678_999, tzinfo=timezone(timedelta(hours=2)))


class Body(Schema):
    needed = required_text(name="theNeeded")
    optional = optional_text(length(3, 5), name="theOptional")
    chosen = required_choice(("a", "b"))
    perhaps = optional_choice(("a", "b"))


GOOD = {"theNeeded": "x", "chosen": "a"}


@pytest.mark.parametrize("more", [{}, {"theOptional": None}, {"theOptional": ""}, {"theOptional": "abcde"}])
def test_what_is_taken(more):
    assert Body().load(GOOD | more)["optional"] == more.get("theOptional")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("theNeeded", "", "cannot be blank"),
        ("theNeeded", None, "cannot be blank"),
        ("theNeeded", 7, "must be a valid value"),
        ("theNeeded", ["x"], "must be a valid value"),
        ("chosen", "", "cannot be blank"),
        ("chosen", "c", "must be a valid value"),
        ("chosen", {"a": 1}, "must be a valid value"),
        ("perhaps", "c", "must be a valid value"),
        ("theOptional", "ab", "the length must be between 3 and 5"),
        ("theOptional", True, "must be a valid value"),
    ],
)
def test_what_is_refused_and_with_which_text(name, value, message):
    assert {field: texts[0] for field, texts in Body().validate(GOOD | {name: value}).items()} == {
        name: message
    }


class Entity(Answer):
    id = Id("user_id", data_key="userID")
    text = fields.String()
    at = Moment(attribute="moment", dump_only=True)
    at_ms = Milliseconds(attribute="moment", dump_only=True)
    at_s = Seconds(attribute="moment", dump_only=True)


def test_how_ids_and_times_are_written():
    milliseconds = int(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()) * 1000 + 678
    assert Entity().dump({"id": UUID(int=7), "text": "", "moment": MOMENT}) == {
        "userID": "usr-7",
        "text": "",
        "at": "2026-01-02T03:04:05",
        "at_ms": milliseconds,
        "at_s": milliseconds // 1000,
    }


def test_what_is_none_is_left_out():
    assert Entity().dump({"id": None, "text": None, "moment": None}) == {}
