"""Passkeys over HTTP: what all endpoints have in common, and those of credentials."""

import json
from base64 import urlsafe_b64encode

import pytest
from fido2 import cbor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.authenticator import Authenticator
from tests.factories import make_credential
from tests.passkeys import (
    Browser,
    error,
    make_passkey,
    rows,
)

PATHS = [
    ("POST", "/webauthn/registration/initialize"),
    ("POST", "/webauthn/registration/finalize"),
    ("POST", "/webauthn/login/initialize"),
    ("POST", "/webauthn/login/finalize"),
    ("GET", "/webauthn/credentials"),
    ("PATCH", "/webauthn/credentials/x"),
    ("DELETE", "/webauthn/credentials/x"),
]


def test_credentials_are_listed_the_oldest_first_and_nobody_elses(services, browser, alice):
    moment = services.now().replace(microsecond=0)
    make_credential()
    ids = [
        make_credential(user=alice, created_at=moment.replace(year=year)).id for year in (2023, 2021, 2022)
    ]
    assert [each["id"] for each in browser.credentials()] == [ids[1], ids[2], ids[0]]


@pytest.mark.parametrize(
    ("body", "status", "name"),
    [
        ({"name": "My key"}, 200, "My key"),
        ({"name": "Dave's laptop \U0001f4bb"}, 200, "Dave's laptop \U0001f4bb"),
        ({"name": ""}, 200, ""),
        ({"name": "x" * 255}, 200, "x" * 255),
        ({"name": None}, 200, "old"),
        ({}, 200, "old"),
        ({"name": "x" * 256}, 400, "old"),
        ({"name": 5}, 400, "old"),
        ({"name": "a\0b"}, 400, "old"),
    ],
)
def test_a_credential_gets_another_name(browser, alice, body, status, name):
    row = make_credential(user=alice, name="old")
    response = browser.client.patch(f"/webauthn/credentials/{row.id}", json=body, headers=browser.headers)
    assert response.status_code == status
    assert browser.credentials()[0]["name"] == name


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize("case", ["another user's", "unknown", "other letters", "long", "text that is none"])
def test_only_ones_own_credentials_can_be_changed(services, browser, alice, method, case):
    mine = make_credential(user=alice, id="AbCd", name="old")
    ids = {
        "another user's": make_credential().id,
        "unknown": "nonsense",
        "other letters": mine.id.swapcase(),
        "long": "x" * 5000,
        "text that is none": "%F0%9F%98%80%20'",
    }
    before = rows(services)
    response = browser.client.open(
        f"/webauthn/credentials/{ids[case]}", method=method, json={"name": "new"}, headers=browser.headers
    )
    assert (response.status_code, response.json) == (404, error(404, "Not Found"))
    assert rows(services)[:2] == before[:2]
    assert browser.credentials()[0]["name"] == "old"


def test_a_credential_is_deleted_with_its_transports(services, browser, alice):
    row = make_credential(user=alice, transports=("usb", "nfc"))
    response = browser.client.delete(f"/webauthn/credentials/{row.id}", headers=browser.headers)
    assert (response.status_code, response.data) == (204, b"")
    assert rows(services)[:2] == [0, 0]


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_without_passkeys_there_are_no_such_paths(make_app, method, path):
    client = make_app({"passkey.enabled": False}).test_client()
    response = client.open(path, method=method, data=b"{", content_type="application/json")
    assert (response.status_code, response.json) == (404, error(404, "Not Found"))


@pytest.mark.parametrize(("method", "path"), [each for each in PATHS if "login" not in each[1]])
def test_a_session_is_needed(client, method, path):
    response = client.open(path, method=method, data=b"{", content_type="application/json")
    assert (response.status_code, response.json) == (401, error(401, "Unauthorized"))


# Whatever the body says, it is no fault of ours.

TEXT = st.text(max_size=40)
BYTES = st.binary(max_size=80).map(lambda data: urlsafe_b64encode(data).decode().rstrip("="))
OBJECTS = st.recursive(
    st.integers(-(2**63), 2**63) | st.binary(max_size=60) | st.text(max_size=8) | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["fmt", "attStmt", "authData", "x"]), inner, max_size=4)
    ),
    max_leaves=6,
).map(lambda value: urlsafe_b64encode(cbor.encode(value)).decode())
ANYTHING = st.none() | st.integers() | TEXT | BYTES | OBJECTS | st.lists(TEXT, max_size=3)


def fuzzed(draw, answer):
    """*answer* with some members replaced by others."""
    members = [name for name in answer["response"] if draw(st.booleans())]
    answer["response"] |= {name: draw(ANYTHING) for name in members}
    for name in ("id", "rawId", "type", "response"):
        if draw(st.integers(0, 9)) == 0:
            answer[name] = draw(ANYTHING)
    return answer


def with_client_data(draw, options):
    told = draw(st.dictionaries(st.sampled_from(["type", "origin", "crossOrigin", "topOrigin"]), ANYTHING))
    return {
        "client_data": told,
        "flags": draw(st.integers(0, 255)),
        "extensions": draw(st.none() | st.just({})),
    }


FUZZ = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)


@pytest.mark.slow
@pytest.mark.one_database
@FUZZ
@given(data=st.data())
def test_no_answer_to_a_registration_is_our_fault(browser, data):
    options = browser.creation_options()
    fmt = data.draw(st.sampled_from(["none", "packed", "tpm", "apple", "fido-u2f", "android-safetynet", "x"]))
    statement = data.draw(st.none() | st.dictionaries(st.sampled_from(["alg", "sig", "x5c"]), st.binary()))
    change = None if statement is None else lambda _: statement
    answer = Authenticator().create(
        options, fmt=fmt, statement=change, **with_client_data(data.draw, options)
    )
    response = browser.register(fuzzed(data.draw, answer))
    assert response.status_code in (200, 400)
    assert response.is_json
    for each in browser.credentials():
        browser.client.delete(f"/webauthn/credentials/{each['id']}", headers=browser.headers)


@pytest.mark.slow
@pytest.mark.one_database
@FUZZ
@given(data=st.data())
def test_no_answer_to_a_log_in_is_our_fault(client, data):
    device, row = make_passkey(Authenticator(counts=False))
    browser = Browser(client)
    options = browser.request_options(row.user_id if data.draw(st.booleans()) else None)
    answer = device.get(options, **with_client_data(data.draw, options))
    response = browser.log_in(fuzzed(data.draw, answer))
    assert response.status_code in (200, 400, 401)
    assert response.is_json


@pytest.mark.slow
@pytest.mark.one_database
@FUZZ
@given(
    body=st.binary(max_size=200)
    | st.dictionaries(
        st.sampled_from(["id", "rawId", "type", "response", "user_id", "name"]),
        ANYTHING | st.just("public-key") | st.dictionaries(TEXT, ANYTHING, max_size=3),
    )
    .map(json.dumps)
    .map(str.encode),
    path=st.sampled_from([path for method, path in PATHS if method == "POST"]),
)
def test_no_body_is_our_fault(browser, body, path):
    response = browser.client.post(path, data=body, content_type="application/json", headers=browser.headers)
    assert response.status_code < 500
    assert response.is_json


@pytest.mark.parametrize(
    ("form", "status"),
    [
        *((form, 200) for form in ("{}", "{{{}}}", "urn:uuid:{}")),
        *((form, 400) for form in ("", " {}", "uuid:{}", "[{}]", "{}0")),
    ],
)
@pytest.mark.parametrize("spelled", [str, lambda id_: str(id_).upper(), lambda id_: id_.hex])
def test_a_user_is_named_by_its_id_in_any_written_form(client, form, status, spelled):
    device, row = make_passkey()
    body = {"user_id": form.format(spelled(row.user_id))}
    answer = client.post("/webauthn/login/initialize", json=body)
    assert answer.status_code == status
    if status == 200:
        assert [key["id"] for key in answer.json["publicKey"]["allowCredentials"]] == [device.id]
    else:
        assert answer.json == error(400, "failed to parse UserID as uuid")
