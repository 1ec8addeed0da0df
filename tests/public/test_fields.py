import re
from datetime import UTC, datetime, timedelta, timezone
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields

from hanko_compat.public.fields import SparseSchema, Timestamp, required_string, required_uuid


class Moment(Schema):
    at = Timestamp()


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (datetime(2026, 11, 22, 10, 1, 43, 929040, UTC), "2026-11-22T10:01:43.92904Z"),
        (datetime(2026, 11, 22, 10, 1, 43, 100000, UTC), "2026-11-22T10:01:43.1Z"),
        (datetime(2026, 11, 22, 10, 1, 40, 0, UTC), "2026-11-22T10:01:40Z"),
        (datetime(2026, 1, 1, 1, 0, 0, 1, timezone(timedelta(hours=2))), "2025-12-31T23:00:00.000001Z"),
        (None, None),
    ],
)
def test_times_are_utc_without_trailing_zeros(time, text):
    assert Moment().dump({"at": time}) == {"at": text}


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_can_be_read_back(time):
    assert datetime.fromisoformat(Moment().dump({"at": time})["at"]) == time


class Sparse(SparseSchema):
    not_empty: ClassVar = frozenset({"listed", "named"})
    nullable: ClassVar = frozenset({"nulled"})

    text = fields.String()
    named = fields.String()
    listed = fields.List(fields.String())
    nulled = fields.List(fields.String())
    kept = fields.List(fields.String())


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"text": None, "listed": [], "nulled": [], "kept": []}, {"nulled": None, "kept": []}),
        (
            {"text": "", "named": "", "listed": None, "nulled": None, "kept": None},
            {"text": "", "nulled": None},
        ),
        ({"text": "a", "listed": ["b"], "nulled": ["c"]}, {"text": "a", "listed": ["b"], "nulled": ["c"]}),
        ({"text": "a", "named": "b", "nulled": ["c"]}, {"text": "a", "named": "b", "nulled": ["c"]}),
    ],
)
def test_absent_null_and_empty_are_three_things(value, shown):
    assert Sparse().dump(value) == shown


class Named(Schema):
    name = required_string("name is missing")


@pytest.mark.parametrize("body", [{}, {"name": None}, {"name": ""}])
def test_absent_null_and_empty_are_one_mistake(body):
    with pytest.raises(ValidationError) as caught:
        Named().load(body)
    assert caught.value.messages == {"name": ["name is missing"]}


class Ids(Schema):
    user_id = required_uuid("user_id")
    id = required_uuid("id", kind="uuid4")


# As go-playground/validator has them, which the original asks.
VALID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
VALID_4 = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
written = st.uuids().map(str) | st.uuids(version=4).map(str)


@given(
    st.text("0123456789abcdefABCDEF-{}", max_size=40)
    | written
    | written.map(str.upper)
    | written.map("{{{}}}".format)
    | written.map("urn:uuid:{}".format)
    | written.map(lambda text: text.replace("-", ""))
    | written.map("{}\n".format)
    | st.from_regex(VALID, fullmatch=True)
)
def test_ids_are_valid_where_the_original_takes_them(text):
    wrong = Ids().validate({"user_id": text, "id": text})
    missing = {name: [f"{name} is a required field"] for name in ("user_id", "id")}
    assert wrong == (missing if not text else _objections(text))


def _objections(text):
    valid = {"user_id": VALID.fullmatch(text), "id": VALID_4.fullmatch(text)}
    kinds = {"user_id": "uuid", "id": "uuid4"}
    return {name: [f"{name} must be a valid {kinds[name]}"] for name, found in valid.items() if not found}
