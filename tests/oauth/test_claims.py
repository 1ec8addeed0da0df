"""What a provider tells of a user: types are read leniently, and verified is only what is true."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.errors.third_party import ProviderUserInvalid
from hanko_compat.oauth.claims import MAX_BYTES, MAX_LENGTH, mapped, to_user
from hanko_compat.provider_user import ProviderUser


def user(**claims) -> ProviderUser:
    return to_user({"sub": "1", **claims}, provider_id="custom_stub")


def test_what_is_kept_is_what_hanko_keeps():
    """The row of grace in Hanko's own databases."""
    claims = {
        "sub": "idp-sub-grace",
        "picture": "http://localhost:8490/grace.png",
        "name": "Grace H",
        "given_name": "Grace",
        "family_name": "H",
        "email_verified": True,
        "email": "grace@example.test",
    }
    assert json.dumps(dict(user(**claims).claims), separators=(",", ":")) == (
        '{"email":"grace@example.test","email_verified":true,"family_name":"H","given_name":"Grace",'
        '"name":"Grace H","picture":"http://localhost:8490/grace.png","sub":"idp-sub-grace"}'
    )


def test_names_and_picture_are_the_users():
    found = user(name="A B", given_name="A", family_name="B", picture="https://example.test/a.png")
    assert (found.name, found.given_name, found.family_name, found.picture) == (
        "A B",
        "A",
        "B",
        "https://example.test/a.png",
    )


def test_what_is_unknown_is_kept_as_it_came():
    claims = user(groups=["a"], address={"country": "DE"}, member=False, level=0, note="").claims
    assert claims == {
        "custom_claims": {
            "address": {"country": "DE"},
            "groups": ["a"],
            "level": 0,
            "member": False,
            "note": "",
        },
        "sub": "1",
    }
    assert list(claims) == sorted(claims)


@pytest.mark.parametrize("value", ["true", "True", 1, 1.0, "1", None, [True], {"value": True}, False, ""])
def test_only_true_verifies(value):
    found = user(email="a@example.test", email_verified=value, phone_number_verified=value)
    assert not found.is_email_verified
    assert not {"email_verified", "phone_number_verified"} & found.claims.keys()


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("updated_at", 1_700_000_000, "1700000000"),
        ("updated_at", "2023-11-14", "2023-11-14"),
        ("sub", 7, "7"),
        ("aud", ["client"], "client"),
        ("aud", "client", "client"),
        ("birthdate", 1990, "1990"),
        ("exp", 17.5, 17.5),
    ],
)
def test_types_are_read_leniently(name, value, kept):
    assert user(**{name: value}).claims[name] == kept


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("aud", ["a", "b"]),
        ("locale", {"country": "US"}),
        ("name", ["a", "b"]),
        ("exp", "soon"),
        ("email", {"a": 1}),
    ],
)
def test_a_known_claim_of_another_form_is_kept_apart(name, value):
    claims = user(**{name: value}).claims
    assert (name in claims, claims["custom_claims"]) == (False, {name: value})


@pytest.mark.parametrize("sub", [None, "", [], {}, True, 1.5, ["a", "b"], 10**300, "x" * (MAX_LENGTH + 1)])
def test_no_subject(sub):
    with pytest.raises(ProviderUserInvalid):
        user(sub=sub)


@pytest.mark.parametrize("name", ["name", "given_name", "family_name"])
def test_a_name_that_is_too_long(name):
    assert user(**{name: "ü" * MAX_LENGTH})
    with pytest.raises(ProviderUserInvalid, match="can't be used"):
        user(**{name: "ü" * (MAX_LENGTH + 1)})


@pytest.mark.parametrize(
    "picture", ["javascript:alert(1)", "data:image/png;base64,AA", "/a.png", "https://", "http://[", "x", 7]
)
def test_a_picture_that_is_no_web_address(picture):
    found = user(picture=picture)
    assert (found.picture, found.claims["picture"]) == ("", str(picture))


def test_too_much_of_what_is_unknown_is_left_out():
    assert user(name="A", groups=["g" * 100] * 1000).claims == {"name": "A", "sub": "1"}


def test_too_much_of_what_is_known():
    with pytest.raises(ProviderUserInvalid):
        user(picture="https://example.test/" + "a" * MAX_BYTES)


def test_mapped_claims_are_moved():
    claims = {"id": "7", "mail": "a@example.test", "name": "n", "email": "other@example.test"}
    assert mapped(claims, {"sub": "id", "email": "mail", "name": "nothing"}) == {
        "sub": "7",
        "email": "a@example.test",
    }


def test_claims_can_be_swapped():
    assert mapped({"a": 1, "b": 2}, {"a": "b", "b": "a"}) == {"a": 2, "b": 1}


def test_a_claim_can_be_given_twice():
    assert mapped({"id": 1}, {"sub": "id", "preferred_username": "id"}) == {
        "sub": 1,
        "preferred_username": 1,
    }


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(
    [
        "sub",
        "email",
        "email_verified",
        "name",
        "picture",
        "aud",
        "updated_at",
        "exp",
        "groups",
        "custom_claims",
    ]
)


@given(st.dictionaries(names, anything), st.dictionaries(names, names, max_size=3))
def test_any_claims_are_a_user_or_none(claims, mapping):
    claims = mapped(claims, mapping)
    try:
        found = to_user(claims, provider_id="x")
    except ProviderUserInvalid:
        return
    assert 0 < len(found.subject) <= MAX_LENGTH
    assert found.is_email_verified == (claims.get("email_verified") is True)
    assert found.email is None or (isinstance(found.email, str) and found.email)
    assert json.loads(json.dumps(dict(found.claims))) == found.claims
