"""Members of bodies, by the rules of Go's encoding/json."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import EXCLUDE

from hanko_compat.errors.json_text import JSONRefused, TypeMismatch
from hanko_compat.public.members import Members, describe
from hanko_compat.public.schemas import PasscodeInitRequest, PasswordRequest
from hanko_compat.public.webauthn_schemas import WebauthnRegFinalRequest

TWINS = {"k": "kK\u212a", "s": "sS\u017f"}


def picker(schema):
    return Members(schema(unknown=EXCLUDE)).pick


@st.composite
def spellings(draw, name):
    """The *name* in letters of any case, as Unicode's simple folding has them."""
    letters = [
        draw(st.sampled_from(TWINS.get(letter.lower(), letter.lower() + letter.upper()))) for letter in name
    ]
    return "".join(letters)


@given(spellings("user_id"), spellings("password"))
def test_a_member_is_found_in_any_letter_case(user_id, password):
    assert picker(PasswordRequest)({user_id: "1", password: "2", "Other": 3}) == {
        "user_id": "1",
        "password": "2",
    }


@given(spellings("user_id"))
def test_two_spellings_of_one_member_are_one_too_many(spelling):
    if spelling != "user_id":
        with pytest.raises(JSONRefused, match="given twice"):
            picker(PasswordRequest)({"user_id": "1", spelling: "2"})


@pytest.mark.parametrize(
    "name", ["userid", "user-id", "user_id ", "user_\u0131d", "u\u017fer_id_", "\uff55ser_id", ""]
)
def test_other_names_are_ignored_as_often_as_they_come(name):
    assert picker(PasswordRequest)({name: 1, name * 2: {"user_id": 2}}) == {}


def test_null_is_absent():
    assert picker(PasscodeInitRequest)({"user_id": None, "email_id": None}) == {}


def test_members_of_members_are_found_in_any_letter_case():
    sent = {
        "ID": "a",
        "Response": {"CLIENTDATAJSON": "b", "attestationobject": None, "Transports": ["c", None]},
    }
    assert picker(WebauthnRegFinalRequest)(sent) == {
        "id": "a",
        "response": {"clientDataJSON": "b", "transports": ["c", ""]},
    }
    with pytest.raises(JSONRefused, match="given twice"):
        picker(WebauthnRegFinalRequest)({"response": {"transports": [], "TRANSPORTS": []}})


def message(schema, sent):
    with pytest.raises(TypeMismatch) as caught:
        picker(schema)(sent)
    return describe(caught.value, json.dumps(sent)).removeprefix("Unmarshal type error: ")


@pytest.mark.parametrize(
    ("value", "got"),
    [
        *((1, "number"), (1.5, "number"), (True, "bool"), (False, "bool")),
        *(([], "array"), (["x"], "array"), ({}, "object"), ({"a": 1}, "object")),
    ],
)
def test_a_value_of_a_wrong_type_is_named(value, got):
    end = 13 if got in ("array", "object") else 12 + len(json.dumps(value))
    expected = f"expected=string, got={got}, field=user_id, offset={end}"
    assert message(PasswordRequest, {"user_id": value}) == expected


def test_the_first_one_counts_by_its_place_in_the_body():
    sent = {"password": 1, "user_id": 2}
    assert message(PasswordRequest, sent) == "expected=string, got=number, field=password, offset=14"


def test_a_member_is_named_as_in_the_api():
    assert "field=user_id" in message(PasswordRequest, {"USER_ID": 1})
    sent = {"AUTHENTICATORATTACHMENT": 1}
    assert "field=authenticatorAttachment," in message(WebauthnRegFinalRequest, sent)
    inner = message(WebauthnRegFinalRequest, {"response": {"transports": ["usb", 1]}})
    assert inner == "expected=string, got=number, field=response.transports, offset=37"
    assert message(WebauthnRegFinalRequest, {"response": "x"}).startswith("expected=object, got=string")
    assert message(WebauthnRegFinalRequest, {"response": {"transports": "x"}}).startswith("expected=array")


@pytest.mark.parametrize(("sent", "got"), [([], "array"), ("x", "string"), (5, "number"), (True, "bool")])
def test_what_is_no_object_at_all(sent, got):
    assert message(PasswordRequest, sent).startswith(f"expected=object, got={got}, field=, offset=")
