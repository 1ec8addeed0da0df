"""An entry is taken as Hanko takes it, and everything that is wrong with it is named."""

import copy
from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.services.transfer.members import Faults
from hanko_compat.services.transfer.schema import ENTRY, read_account
from tests.services.transfer.samples import FULL, HASH, USER_ID, email, entry, passkey

DEEP: list[object] = []
for _ in range(100_000):
    DEEP = [DEEP]

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3),
    max_leaves=8,
)


def read(value):
    faults = Faults(Counter())
    return read_account(value, faults), faults.found


def of_passkey(**changes):
    return entry(webauthn_credentials=[passkey(**changes)])


def of_identity(**changes):
    return entry(identities=[{"provider_id": "google", "provider_user_id": "1"} | changes])


def of_identifier(**changes):
    return entry(backend_api={"identifiers": [{"type": "phone", "value": "+4915112345678"} | changes]})


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        (None, [("", "is not an object")]),
        ([], [("", "is not an object")]),
        ({}, [("", "neither an address nor a username")]),
        ({"user_id": USER_ID}, [("", "neither an address nor a username")]),
        ({"emails": [], "username": None}, [("", "neither an address nor a username")]),
        ({"username": ""}, [("username", "is empty")]),
        ({"username": " jane"}, [("username", "is no username")]),
        ({"emails": {}}, [("emails", "is not a list")]),
        ({"emails": ["jane@example.test"]}, [("emails[0]", "is not an object")]),
        ({"emails": [{}]}, [("emails[0].address", "is missing"), ("emails", "has no primary addresses")]),
        (entry("jane"), [("emails[0].address", "is no e-mail address")]),
        (entry("jane@example.test\n"), [("emails[0].address", "is no e-mail address")]),
        ({"emails": [email("a@b.test", is_primary=False)]}, [("emails", "has no primary addresses")]),
        ({"emails": [email("a@b.test"), email("c@b.test")]}, [("emails", "has 2 primary addresses")]),
        (
            {"emails": [email("a@b.test"), email("A@B.test", is_primary=False)]},
            [("emails[1].address", "is there twice")],
        ),
        ({"emails": [email("a@b.test", is_verified="yes")]}, [("emails[0].is_verified", "is not true or")]),
        ({"emails": [email("a@b.test", value="b@b.test")]}, [("emails[0].value", "in other letters")]),
        (entry(user_id="jane"), [("user_id", "is no UUID")]),
        (entry(user_id="5d1fa6d29ad14a5d8a711d9b1f6a0001"), [("user_id", "is no UUID")]),
        (entry(user_id=str(UUID(int=0))), [("user_id", "is all zeros")]),
        (entry(created_at="2023-06-07"), [("created_at", "is no time")]),
        (entry(created_at="2023-06-07T13:42:49"), [("created_at", "is no time")]),
        (entry(created_at="0001-01-01T00:00:00+14:00"), [("created_at", "is no time")]),
        (entry(updated_at=1686145369), [("updated_at", "is no time")]),
        (entry(name="a\0b"), [("name", "no database stores")]),
        (entry(name="\ud800"), [("name", "no database stores")]),
        (entry(name="n" * 256), [("name", "256 characters, 255 at most")]),
        (entry(password={}), [("password.password", "is missing")]),
        (
            entry(password={"password": "secret"}),
            [("password.password", "is of no kind that can be checked here")],
        ),
        (entry(password={"password": HASH[:-1]}), [("password.password", "bcrypt: not of the form")]),
        (entry(otp_secret={"secret": "no base32!"}), [("otp_secret.secret", "is not base32")]),
        (of_passkey(id=""), [("webauthn_credentials[0].id", "is empty")]),
        (of_passkey(id="+/+/"), [("webauthn_credentials[0].id", "is not base64url")]),
        (of_passkey(id="A" * 256), [("webauthn_credentials[0].id", "255 at most")]),
        (of_passkey(public_key=None), [("webauthn_credentials[0].public_key", "is missing")]),
        (of_passkey(attestation_type=None), [("webauthn_credentials[0].attestation_type", "is missing")]),
        (of_passkey(aaguid="x"), [("webauthn_credentials[0].aaguid", "is no UUID")]),
        (of_passkey(sign_count=-1), [("webauthn_credentials[0].sign_count", "is not between 0 and")]),
        (of_passkey(sign_count=2**31), [("webauthn_credentials[0].sign_count", "is not between 0 and")]),
        (of_passkey(sign_count=1.5), [("webauthn_credentials[0].sign_count", "is not a whole number")]),
        (of_passkey(sign_count=True), [("webauthn_credentials[0].sign_count", "is not a whole number")]),
        (of_passkey(transports=["usb", "usb"]), [("webauthn_credentials[0].transports", "twice")]),
        (of_passkey(transports=[1]), [("webauthn_credentials[0].transports", "no list of strings")]),
        (
            of_passkey(mfa_only=True, user_handle="x"),
            [("webauthn_credentials[0].user_handle", "has no meaning with mfa_only")],
        ),
        (
            entry(webauthn_credentials=[passkey(), passkey()]),
            [("webauthn_credentials[1].id", "is there twice")],
        ),
        (entry(metadata={"public": []}), [("metadata.public", "is not an object")]),
        (entry(metadata={"public": {"a": "x" * 3000}}), [("metadata.public", "3000 at most")]),
        (entry(metadata={"public": {"a": float("inf")}}), [("metadata.public", "too large")]),
        (entry(metadata={"public": {"a": DEEP}}), [("metadata.public", "nested too deeply")]),
        (of_identity(email="b@b.test"), [("identities[0].email", "is none of the addresses")]),
        (of_identity(provider_id=None), [("identities[0].provider_id", "is missing")]),
        (of_identity(data="x"), [("identities[0].data", "is not an object")]),
        (entry(is_disabled=1), [("is_disabled", "is not true or false")]),
        (entry(backend_api={"status": "x"}), [("backend_api.status", "is none of pending, active")]),
        (
            entry(is_disabled=True, backend_api={"status": "active"}),
            [("is_disabled", "says something else")],
        ),
        (of_identifier(type="email"), [("backend_api.identifiers[0].type", "is neither phone")]),
        (of_identifier(value="0151"), [("backend_api.identifiers[0].value", "is no telephone number")]),
        (of_identifier(status="x"), [("backend_api.identifiers[0].status", "is none of")]),
        (
            entry("jane", user_id="x", password={"password": "y"}),
            [("emails[0].address", ""), ("user_id", ""), ("password.password", "")],
        ),
    ],
)
def test_all_that_is_wrong_is_named(value, problems):
    account, found = read(value)
    assert account is None
    assert [field for field, _ in found] == [field for field, _ in problems]
    assert all(words in reason for (_, words), (_, reason) in zip(problems, found, strict=True)), found


@pytest.mark.parametrize(
    "value",
    [
        entry(user_id=""),
        entry(user_id=USER_ID.upper()),
        entry(user_id="00000000-0000-1000-0000-000000000001"),
        {"emails": None, "username": "jane"},
        entry('"jane doe"@example.test'),
        entry(password={"password": "$2b" + HASH[3:]}),
        entry(password={"password": "$2y" + HASH[3:]}),
        entry(password=None, otp_secret=None, webauthn_credentials=None, created_at=None),
        entry(created_at="2023-06-07T13:42:49.369489123+02:00"),
        entry(created_at="2023-06-07t13:42:49z"),
        of_passkey(aaguid="adce0002-35bc-c60a-648b-0b25f1f05503"),
        of_passkey(aaguid=str(UUID(int=0))),
        of_passkey(aaguid=""),
        of_passkey(user_handle="x", transports=["usb", "nfc"], name=None),
        {"user_id": USER_ID, "given_name": ""},
        {"webauthn_credentials": [passkey()]},
        {"emails": [email("a@b.test", is_primary=False)], "backend_api": {}},
        FULL,
    ],
)
def test_what_hanko_takes_and_more_is_taken(value):
    account, found = read(value)
    assert (found, account is not None) == ([], True)


def test_values_are_brought_into_their_stored_form():
    account, _ = read(
        entry(
            "Jane@Example.TEST",
            user_id=USER_ID.upper(),
            username="Jane.Doe",
            created_at="2023-06-07T15:00:00+02:00",
        )
        | {"webauthn_credentials": [passkey(id="AAECAwQF=")]}
    )
    assert account is not None
    assert account.user_id == UUID(USER_ID)
    assert [each.address for each in account.emails] == ["jane@example.test"]
    assert account.username is not None
    assert (account.username.value, account.username.folded) == ("Jane.Doe", "jane.doe")
    assert account.times.created_at is not None
    assert account.times.created_at.isoformat() == "2023-06-07T13:00:00+00:00"
    assert account.passkeys[0].id == "AAECAwQF"


def test_members_that_nobody_reads_are_counted():
    faults = Faults(Counter())
    for _ in range(2):
        read_account(entry(user_name="jane", emails=[email("a@b.test", primary=True)]), faults)
    assert faults.unknown == {"user_name": 2, "emails[].primary": 2}


@given(ANY_JSON, st.sampled_from(sorted(ENTRY)))
def test_no_value_breaks_the_reader(value, member):
    for broken in (value, {member: value}, copy.deepcopy(FULL) | {member: value}):
        account, found = read(broken)
        assert (account is None) == bool(found)


@given(ANY_JSON, st.data())
def test_no_value_inside_of_a_member_breaks_the_reader(value, data):
    broken = copy.deepcopy(FULL)
    place = data.draw(st.sampled_from(["emails", "webauthn_credentials", "identities"]))
    name = data.draw(st.sampled_from(sorted(broken[place][0])))
    broken[place][0][name] = value
    account, found = read(broken)
    assert (account is None) == bool(found)
