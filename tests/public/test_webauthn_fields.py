"""Every member of what browsers send: left out, null, of another type, no base64url, empty, another value.

The recorded scenarios ``passkey_login_malformed`` and ``passkey_login_errors`` have some of these cases; the
others go by the same pattern: what can't be read is 400, and what proves nothing is refused.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from hanko_compat.base64url import encode
from hanko_compat.public.webauthn_fields import Base64url
from tests.authenticator import Authenticator
from tests.factories import make_account
from tests.passkeys import ASSERTION, Browser, bearer, challenges, make_passkey, rows

ABSENT = object()
OTHER = encode(b"x" * 32)
NO_OBJECT = (ABSENT, None, "", "text", 5, True, [], {})
NO_TEXT = (5, True, [], {}, [1])
# What can't be read as bytes; an int that is: its digits are base64url of no whole number of bytes.
NO_BYTES = ("!", "a+b/", "AAAAA", "A A", "=A", "AA\n", [], {}, ["AA"], 12345, False, 1.5)


def changed(answer, place, value):
    """*answer* with one member changed, or left out; *place* such as ``response.signature``."""
    *outer, name = place.split(".")
    part = answer[outer[0]] if outer else answer
    if value is ABSENT:
        part.pop(name, None)
    else:
        part[name] = value
    return answer


def cases(values):
    """Each of *values* with its place."""
    return [(place, value) for place, several in values.items() for value in several]


LOG_IN_MALFORMED = {
    "id": (ABSENT, None, "", "!", "a+b", "AAAAA", "AA==", *NO_TEXT),
    "rawId": NO_BYTES,
    "type": (ABSENT, None, "", "password", "PUBLIC-KEY", "public-key ", *NO_TEXT),
    "response": NO_OBJECT,
    "response.clientDataJSON": (ABSENT, None, "", OTHER, encode(b"[]"), encode(b'{"type": 5}'), *NO_BYTES),
    "response.authenticatorData": (ABSENT, None, "", OTHER, encode(b"x" * 36), 1234, *NO_BYTES),
    "response.signature": NO_BYTES,
    "response.userHandle": NO_BYTES,
    "authenticatorAttachment": NO_TEXT,
    "clientExtensionResults": ("", "text", 5, True, [], [{}]),
}
LOG_IN_WITHOUT_PROOF = {
    "rawId": (ABSENT, None, "", OTHER, "text", 1234, True, encode(b"x" * 500)),
    "response.signature": (ABSENT, None, "", OTHER, 1234, True),
    "response.userHandle": (OTHER, encode(b"x" * 16), "text", 1234, True),
    "response.clientDataJSON": (encode(b"{}"), encode(b"null"), encode(b'{"type": "webauthn.get"}')),
}
LOG_IN_RIGHT = {
    "id": (OTHER, "text", "AAE"),
    "authenticatorAttachment": (ABSENT, None, "", "platform", "cross-platform", "something else"),
    "clientExtensionResults": (ABSENT, None, {}, {"credProps": {"rk": True}, "more": [1]}),
    "more": (None, 5, {"x": []}),
    "response.more": (None, 5, {"x": []}),
}


@pytest.fixture
def passkey():
    return make_passkey()


def log_in(client, passkey, place, value, *, is_named):
    device, row = passkey
    browser = Browser(client)
    answer = device.get(browser.request_options(row.user_id if is_named else None))
    return browser.log_in(changed(answer, place, value))


@pytest.mark.parametrize("is_named", [True, False])
@pytest.mark.parametrize(("place", "value"), cases(LOG_IN_MALFORMED))
def test_a_malformed_member_of_a_log_in_is_400(services, client, passkey, place, value, is_named):
    before = rows(services)
    response = log_in(client, passkey, place, value, is_named=is_named)
    assert (response.status_code, response.json["code"]) == (400, 400)
    assert rows(services) == before


@pytest.mark.parametrize(("place", "value"), cases(LOG_IN_WITHOUT_PROOF))
def test_a_log_in_that_proves_nothing_is_401(services, client, passkey, place, value):
    before = rows(services)
    response = log_in(client, passkey, place, value, is_named=True)
    assert response.status_code == 401
    if place != "response.clientDataJSON":
        assert response.json["message"] == ASSERTION
    assert rows(services) == before


@pytest.mark.parametrize("is_named", [True, False])
@pytest.mark.parametrize(("place", "value"), cases(LOG_IN_RIGHT))
def test_what_does_not_count_in_a_log_in(client, passkey, place, value, is_named):
    device, row = passkey
    response = log_in(client, passkey, place, value, is_named=is_named)
    assert (response.status_code, response.json) == (
        200, {"credential_id": device.id, "user_id": str(row.user_id)},
    )  # fmt: skip


@pytest.mark.parametrize("place", ["id", "rawId", "response.clientDataJSON", "response.signature"])
def test_the_id_is_not_padded_and_bytes_may_be(client, passkey, place):
    device, row = passkey
    browser = Browser(client)
    for padding in ("=", "==", "====="):
        answer = device.get(browser.request_options(row.user_id))
        *outer, name = place.split(".")
        part = answer[outer[0]] if outer else answer
        answer = changed(answer, place, part[name] + padding)
        assert browser.log_in(answer).status_code == (400 if place == "id" else 200)


@pytest.mark.parametrize("value", [ABSENT, None, ""])
def test_without_a_handle_the_user_has_to_be_named(client, passkey, value):
    statuses = [
        log_in(client, passkey, "response.userHandle", value, is_named=is_named).status_code
        for is_named in (True, False)
    ]
    assert statuses == [200, 400]


def test_the_passkey_is_that_of_the_raw_id(services, client):
    """Whatever ``id`` says: here it is that of another passkey, even of another user."""
    device, row = make_passkey()
    mine, _ = make_passkey(user=row.user_id)
    theirs, _ = make_passkey()
    browser = Browser(client)
    for other in (mine, theirs):
        answer = device.get(browser.request_options(row.user_id)) | {"id": other.id}
        assert browser.log_in(answer).json == {"credential_id": device.id, "user_id": str(row.user_id)}
        answer = device.get(browser.request_options(row.user_id)) | {"rawId": other.id}
        response = browser.log_in(answer)
        assert (response.status_code, response.json["message"]) == (401, ASSERTION)


def test_members_have_names_in_letters_of_any_case(client, passkey):
    """The published interface, for one, calls a member ``clientDataJson``."""
    device, row = passkey
    browser = Browser(client)
    for spelled in (str.upper, str.lower, lambda name: name.replace("JSON", "Json")):
        answer = device.get(browser.request_options(row.user_id))
        answer["response"] = {spelled(name): value for name, value in answer["response"].items()}
        response = browser.log_in({spelled(name): value for name, value in answer.items()})
        assert response.status_code == 200


def test_what_can_not_be_read_is_answered_before_the_state_of_the_challenge(services, client):
    device, row = make_passkey()
    browser = Browser(client)
    options = browser.request_options(row.user_id)
    assert browser.log_in(device.get(options)).status_code == 200
    cut = device.get(options, authenticator_data=lambda data: data[:36])
    assert browser.log_in(cut).status_code == 400
    assert browser.log_in(device.get(options)).status_code == 401


REGISTRATION_MALFORMED = {
    "id": LOG_IN_MALFORMED["id"],
    "rawId": NO_BYTES,
    "type": LOG_IN_MALFORMED["type"],
    "response": NO_OBJECT,
    "response.clientDataJSON": LOG_IN_MALFORMED["response.clientDataJSON"],
    "response.attestationObject": (ABSENT, None, "", OTHER, 1234, *NO_BYTES),
    "response.transports": ("", "usb", 5, True, {}, [5], [["usb"]], ["usb", {}]),
    "authenticatorAttachment": NO_TEXT,
    "clientExtensionResults": LOG_IN_MALFORMED["clientExtensionResults"],
}
REGISTRATION_RIGHT = {
    **LOG_IN_RIGHT,
    "rawId": (ABSENT, None, "", OTHER, "text", 1234, True),
    "response.transports": (ABSENT, None, [], [None], ["usb", None, "usb", ""]),
}


@pytest.fixture
def user_id():
    return make_account().user_id


@pytest.mark.parametrize(("place", "value"), cases(REGISTRATION_MALFORMED))
def test_a_malformed_member_of_a_registration_is_400(services, client, user_id, place, value):
    browser = Browser(client, bearer(services, user_id))
    before = rows(services)
    answer = Authenticator().create(browser.creation_options())
    response = browser.register(changed(answer, place, value))
    assert (response.status_code, response.json["code"]) == (400, 400)
    assert rows(services) == before


@pytest.mark.parametrize(("place", "value"), cases(REGISTRATION_RIGHT))
def test_what_does_not_count_in_a_registration(services, client, user_id, place, value):
    """The credential is the one that is attested, whatever else the browser calls it."""
    browser, device = Browser(client, bearer(services, user_id)), Authenticator()
    answer = device.create(browser.creation_options())
    response = browser.register(changed(answer, place, value))
    assert (response.status_code, response.json["credential_id"]) == (200, device.id)
    assert [each["id"] for each in browser.credentials()] == [device.id]
    assert challenges(services) == 0


BYTES = [
    "rawId",
    *(f"response.{name}" for name in ("clientDataJSON", "authenticatorData", "signature", "userHandle")),
]


@pytest.mark.parametrize("place", BYTES)
def test_a_limit_of_length_names_its_member(client, passkey, place):
    response = log_in(client, passkey, place, "A" * 8001, is_named=True)
    message = f"{place.rpartition('.')[2]} must be a maximum of 8000 characters in length"
    assert (response.status_code, response.json) == (400, {"code": 400, "message": message})


@pytest.mark.parametrize(
    ("place", "longest"),
    [("rawId", 8000), ("response.clientDataJSON", 8000), ("response.attestationObject", 44_000)],
)
def test_a_limit_of_length_in_a_registration_names_its_member(services, client, user_id, place, longest):
    browser = Browser(client, bearer(services, user_id))
    answer = Authenticator().create(browser.creation_options())
    response = browser.register(changed(answer, place, "A" * (longest + 1)))
    message = f"{place.rpartition('.')[2]} must be a maximum of {longest} characters in length"
    assert (response.status_code, response.json) == (400, {"code": 400, "message": message})


class Body(Schema):
    data = Base64url("data", longest=400, required=False, description="Some bytes.")


@given(st.binary(max_size=200), st.integers(0, 5))
def test_bytes_come_back_as_they_were_sent(data, padding):
    assert Body().load({"data": encode(data) + "=" * padding}) == {"data": data}


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text(), max_size=2))
def test_anything_is_bytes_or_refused_in_the_name_of_the_member(value):
    try:
        assert isinstance(Body().load({"data": value})["data"], bytes)
    except ValidationError as error:
        (told,) = error.messages["data"]
        assert told.startswith("data must be ")


class Required(Schema):
    raw_id = Base64url("rawId", longest=8, description="Some.")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "rawId is a required field"),
        ({"rawId": None}, "rawId is a required field"),
        ({"rawId": ""}, "rawId is a required field"),
        ({"rawId": 5}, "rawId must be base64url"),
        ({"rawId": "AAECA"}, "rawId must be base64url"),
        ({"rawId": "AAECAAECA"}, "rawId must be a maximum of 8 characters in length"),
    ],
)
def test_bytes_that_are_not_there_or_too_many_are_named(body, message):
    with pytest.raises(ValidationError) as caught:
        Required().load(body)
    assert caught.value.messages["rawId"][0] == message
