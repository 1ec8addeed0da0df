"""Passkeys over HTTP; the numbers are those of the attacks in SECURITY.md's list."""

import json
from base64 import urlsafe_b64encode

import pytest
from fido2 import cbor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanko_compat.storage.models import (
    Session,
    Username,
    WebauthnCredential,
    WebauthnCredentialTransport,
    WebauthnCredentialUserHandle,
    WebauthnSessionData,
    WebauthnSessionDataAllowedCredential,
)
from tests.authenticator import AT, BE, BS, UP, UV, Authenticator
from tests.factories import make_account, make_credential, make_otp_secret, make_user, store
from tests.passkeys import Browser, bearer, make_passkey

MISMATCH = "Stored challenge and received challenge do not match"
ATTESTATION = "failed to validate attestation"
ASSERTION = "failed to validate assertion"
MALFORMED = "the credential is malformed"
EVIL = "evil.example.test"
TABLES = (WebauthnCredential, WebauthnCredentialTransport, Session)
PATHS = [
    ("POST", "/webauthn/registration/initialize"),
    ("POST", "/webauthn/registration/finalize"),
    ("POST", "/webauthn/login/initialize"),
    ("POST", "/webauthn/login/finalize"),
    ("GET", "/webauthn/credentials"),
    ("PATCH", "/webauthn/credentials/x"),
    ("DELETE", "/webauthn/credentials/x"),
]


def error(code, message):
    return {"code": code, "message": message}


@pytest.fixture
def alice(services):
    return make_account().user_id


@pytest.fixture
def browser(client, services, alice):
    return Browser(client, bearer(services, alice))


def rows(services):
    with services.database.connection():
        return [table.select().count() for table in TABLES]


def stored(services, device):
    with services.database.connection():
        return WebauthnCredential.get_by_id(device.id)


def challenges(services):
    with services.database.connection():
        return WebauthnSessionData.select().count()


# Registration


def test_a_passkey_is_stored_as_hanko_does(services, browser, alice, clock):
    device = Authenticator(
        aaguid=bytes.fromhex("ea9b8d664d011d213ce4b6b48cb575d4"), sign_count=3, flags=BE | BS
    )
    answer = device.create(
        browser.creation_options(), fmt="packed", transports=["internal", "hybrid", "internal"]
    )
    response = browser.register(answer)
    assert (response.status_code, response.json) == (200, {"credential_id": device.id, "user_id": str(alice)})
    row = stored(services, device)
    assert (row.user_id, row.public_key, row.sign_count) == (alice, device.public_key, 3)
    assert (row.attestation_type, str(row.aaguid)) == ("packed", "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4")
    assert (row.name, row.mfa_only, row.user_handle_id) == ("Google Password Manager", False, None)
    assert (row.backup_eligible, row.backup_state) == (True, True)
    assert row.last_used_at.replace(microsecond=0) == clock().replace(microsecond=0)
    with services.database.connection():
        transports = WebauthnCredentialTransport.select().order_by(WebauthnCredentialTransport.name)
        assert [each.name for each in transports] == ["hybrid", "internal"]
    assert challenges(services) == 0


def test_a_sign_count_beyond_the_column_is_clamped(services, browser):
    device = Authenticator(sign_count=2**32 - 2)
    assert browser.register(device.create(browser.creation_options())).status_code == 200
    assert stored(services, device).sign_count == 2**31 - 1
    assert browser.log_in(device.get(browser.request_options())).status_code == 200
    assert stored(services, device).sign_count == 2**31 - 1


@pytest.mark.parametrize(("length", "status"), [(1, 200), (191, 200), (192, 400), (1023, 400)])
def test_a_credential_id_has_to_fit_its_column(services, browser, length, status):
    device = Authenticator(credential_id=bytes(length))
    response = browser.register(device.create(browser.creation_options()))
    assert response.status_code == status
    assert rows(services)[0] == (status == 200)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (None, []),
        ([], []),
        (["usb", "nfc", "ble", "smart-card", "x-new"], ["ble", "nfc", "smart-card", "usb", "x-new"]),
        (["USB", "", "a b", "\u00e9", "x" * 33, "usb"], ["usb"]),
    ],
)
def test_transports_are_kept_where_they_can_be_some(browser, sent, kept):
    answer = Authenticator().create(browser.creation_options())
    answer["response"]["transports"] = sent
    assert browser.register(answer).status_code == 200
    assert [each["transports"] for each in browser.credentials()] == [kept]


def test_what_browsers_add_is_passed_over(browser):
    answer = Authenticator().create(browser.creation_options())
    answer |= {"authenticatorAttachment": "platform", "more": {}}
    answer["response"] |= {"publicKeyAlgorithm": -7, "publicKey": "AA", "authenticatorData": "AA"}
    assert browser.register(answer).status_code == 200


@pytest.mark.parametrize("is_named", [True, False])
def test_a_user_without_an_address_can_have_a_passkey(client, services, is_named):
    from_flow = make_user()
    if is_named:
        with services.database.connection():
            Username.create(
                user=from_flow,
                username="heidi",
                created_at=from_flow.created_at,
                updated_at=from_flow.created_at,
            )
    browser = Browser(client, bearer(services, from_flow.id))
    options = browser.creation_options()
    name = "heidi" if is_named else str(from_flow.id)
    assert (options["publicKey"]["user"]["name"], options["publicKey"]["user"]["displayName"]) == (name, name)
    device = Authenticator()
    assert browser.register(device.create(options)).status_code == 200
    assert browser.log_in(device.get(browser.request_options())).json["user_id"] == str(from_flow.id)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("required", True)),
        ({"hanko_compat.webauthn.resident_key": "preferred"}, ("preferred", False)),
        ({"hanko_compat.webauthn.resident_key": "discouraged"}, ("discouraged", False)),
    ],
)
def test_resident_keys_are_asked_for_as_configured(make_app, changes, expected):
    app = make_app(changes)
    services = app.extensions["hanko_compat"]
    selection = Browser(app.test_client(), bearer(services, make_account().user_id)).creation_options()
    selection = selection["publicKey"]["authenticatorSelection"]
    assert (selection["residentKey"], selection["requireResidentKey"]) == expected


def test_options_show_the_configuration(make_app):
    app = make_app(
        {
            "webauthn.relying_party": {"id": "example.test", "display_name": "Example", "origins": ["https://a.example.test"]},
            "webauthn.timeouts": {"registration": 1500, "login": 2500},
            "passkey": {"user_verification": "discouraged", "attestation_preference": "indirect"},
        }
    )  # fmt: skip
    browser = Browser(app.test_client(), bearer(app.extensions["hanko_compat"], make_account().user_id))
    creation, request = browser.creation_options()["publicKey"], browser.request_options()["publicKey"]
    assert (creation["rp"], creation["timeout"]) == ({"id": "example.test", "name": "Example"}, 1500)
    assert (creation["attestation"], request["rpId"], request["timeout"]) == (
        "indirect",
        "example.test",
        2500,
    )
    assert (
        creation["authenticatorSelection"]["userVerification"] == request["userVerification"] == "discouraged"
    )


def test_the_limit_of_passkeys_holds(make_app):
    app = make_app({"passkey.limit": 2})
    services, user_id = app.extensions["hanko_compat"], make_account().user_id
    browser = Browser(app.test_client(), bearer(services, user_id))
    make_credential(user=user_id, mfa_only=True)
    options = [browser.creation_options() for _ in range(3)]
    answers = [browser.register(Authenticator().create(each)) for each in options]
    assert [each.status_code for each in answers] == [200, 200, 409]
    refused = browser.client.post("/webauthn/registration/initialize", headers=browser.headers)
    assert (refused.status_code, refused.json) == (
        409, error(409, "the user has as many passkeys as are allowed"),
    )  # fmt: skip


# Item 15: one fault is enough, and nothing is stored.
REGISTRATION_FAULTS = {
    "origin": ({"origin": f"http://{EVIL}"}, ATTESTATION),
    "relying party": ({"rp_id": EVIL}, ATTESTATION),
    "type": ({"type_": "webauthn.get"}, ATTESTATION),
    "challenge": ({"challenge": "A" * 43}, MISMATCH),
    "no user presence": ({"flags": UV}, ATTESTATION),
    "impossible backup": ({"flags": UP | BS}, ATTESTATION),
    "signature": ({"fmt": "packed", "signed": lambda _: b"x"}, ATTESTATION),
    "another credential attested": ({"attested_id": b"other"}, ATTESTATION),
    "no credential": (
        {"authenticator_data": lambda data: data[:32] + bytes([data[32] & ~AT]) + data[33:37]},
        ATTESTATION,
    ),
    "malformed cbor": ({"attestation_object": lambda _: b"\xff"}, MALFORMED),
    "cut cbor": ({"attestation_object": lambda right: right[:-3]}, MALFORMED),
    "deep cbor": ({"attestation_object": lambda _: b"\x81" * 30_000}, MALFORMED),
    "unknown algorithm": ({"cose": lambda right: right | {3: -65535}}, MALFORMED),
    "point off the curve": ({"cose": lambda right: right | {-2: b"\x01" * 32}}, MALFORMED),
    "oversized": (
        {"attestation_object": lambda _: bytes(40_000)},
        "attestationObject must be a maximum of 44000 characters in length",
    ),
}


@pytest.mark.parametrize("fault", REGISTRATION_FAULTS)
def test_a_faulty_registration_is_refused(services, browser, fault):
    changes, message = REGISTRATION_FAULTS[fault]
    options, before = browser.creation_options(), rows(services)
    device = Authenticator()
    response = browser.register(device.create(options, **changes))
    assert (response.status_code, response.json) == (400, error(400, message))
    assert rows(services) == before


@pytest.mark.parametrize(
    "fault", [name for name in REGISTRATION_FAULTS if name not in ("challenge", "oversized")]
)
def test_a_failed_registration_uses_its_challenge_up(services, browser, fault):  # item 14
    options = browser.creation_options()
    browser.register(Authenticator().create(options, **REGISTRATION_FAULTS[fault][0]))
    assert challenges(services) == 0
    response = browser.register(Authenticator().create(options))
    assert (response.status_code, response.json) == (400, error(400, MISMATCH))


def test_a_credential_that_exists_is_refused(services, browser, client):
    device = Authenticator()
    assert browser.register(device.create(browser.creation_options())).status_code == 200
    before, owner = rows(services), stored(services, device).user_id
    other = Browser(client, bearer(services, make_account().user_id))
    for caller in (browser, other):
        response = caller.register(device.create(caller.creation_options()))
        assert (response.status_code, response.json) == (400, error(400, ATTESTATION))
    assert (rows(services)[:2], stored(services, device).user_id) == (before[:2], owner)


def test_a_challenge_is_bound_to_its_user(services, browser, client):  # item 14
    mallory = Browser(client, bearer(services, make_account().user_id))
    response = mallory.register(Authenticator().create(browser.creation_options()))
    assert (response.status_code, response.json) == (400, error(400, MISMATCH))
    assert rows(services)[0] == 0


def test_a_challenge_is_bound_to_its_operation(services, browser):  # item 14
    device, _ = make_passkey()
    creation, request = browser.creation_options(), browser.request_options()
    crossed = {"publicKey": creation["publicKey"] | request["publicKey"]}
    response = browser.register(Authenticator().create(crossed))
    assert (response.status_code, response.json["message"]) == (400, MISMATCH)
    crossed = {"publicKey": request["publicKey"] | {"challenge": creation["publicKey"]["challenge"]}}
    response = browser.log_in(device.get(crossed))
    assert (response.status_code, response.json["message"]) == (401, MISMATCH)


@pytest.mark.parametrize(("seconds", "status"), [(599, 200), (600, 400), (100_000, 400)])
def test_a_registration_has_its_time(make_app, clock, seconds, status):
    app = make_app({"session.lifespan": "100h"})
    browser = Browser(app.test_client(), bearer(app.extensions["hanko_compat"], make_account().user_id))
    options = browser.creation_options()
    clock.advance(seconds=seconds)
    response = browser.register(Authenticator().create(options))
    assert response.status_code == status
    assert status == 200 or response.json["message"] == ATTESTATION


# Log-in


@pytest.mark.parametrize("is_named", [True, False])
def test_a_log_in_starts_a_session(services, client, is_named, clock):
    device, row = make_passkey(Authenticator(sign_count=41))
    browser = Browser(client)
    response = browser.log_in(device.get(browser.request_options(row.user_id if is_named else None)))
    assert (response.status_code, response.json) == (
        200, {"credential_id": device.id, "user_id": str(row.user_id)},
    )  # fmt: skip
    assert response.headers["X-Session-Lifetime"] == "43200"
    token = response.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    assert client.get("/me", headers={"Authorization": f"Bearer {token}"}).json["id"] == str(row.user_id)
    after = stored(services, device)
    assert after.sign_count == 42
    assert after.last_used_at.replace(microsecond=0) == clock().replace(microsecond=0)
    assert challenges(services) == 0


def test_the_state_of_backups_is_kept_current(services, client):
    device, _ = make_passkey(Authenticator(flags=BE), backup_eligible=True)
    browser = Browser(client)
    for flags, expected in ((UP | UV | BS, True), (UP | UV, False)):
        assert browser.log_in(device.get(browser.request_options(), flags=flags)).status_code == 200
        assert stored(services, device).backup_state is expected


@pytest.mark.parametrize("handle", [b"foreign-handle", "händler".encode(), b"x" * 16])
@pytest.mark.parametrize("is_named", [True, False])
def test_an_imported_passkey_answers_with_its_own_handle(services, client, handle, is_named):
    user_id = make_account().user_id
    moment = services.now()
    row = store(
        WebauthnCredentialUserHandle,
        user=user_id,
        handle=handle.decode(),
        created_at=moment,
        updated_at=moment,
    )
    device, _ = make_passkey(Authenticator(user_handle=handle), user=user_id, user_handle=row)
    browser = Browser(client)
    options = browser.request_options(user_id if is_named else None)
    assert browser.log_in(device.get(options)).json["user_id"] == str(user_id)
    options = browser.request_options(user_id if is_named else None)
    assert browser.log_in(device.get(options, user_handle=user_id.bytes)).status_code == 401


LOG_IN_FAULTS = {
    "origin": ({"origin": f"http://{EVIL}"}, 401, ASSERTION),
    "relying party": ({"rp_id": EVIL}, 401, ASSERTION),
    "type": ({"type_": "webauthn.create"}, 401, ASSERTION),
    "challenge": ({"challenge": "A" * 43}, 401, MISMATCH),
    "no user presence": ({"flags": UV}, 401, ASSERTION),
    "backup that was none": ({"flags": UP | BE}, 401, ASSERTION),
    "signature": ({"signed": lambda _: b"x"}, 401, ASSERTION),
    "no signature": ({"signature": lambda _: b"\x00"}, 401, ASSERTION),
    "same count": ({"sign_count": 41}, 401, ASSERTION),
    "lower count": ({"sign_count": 40}, 401, ASSERTION),
    "no count": ({"sign_count": 0}, 401, ASSERTION),
    "malformed data": ({"authenticator_data": lambda right: right[:36]}, 400, MALFORMED),
    "malformed extensions": (
        {"authenticator_data": lambda data: data[:32] + b"\x85" + data[33:37] + b"\xff"},
        400,
        MALFORMED,
    ),
    "oversized": (
        {"authenticator_data": lambda _: bytes(9000)},
        400,
        "authenticatorData must be a maximum of 8000 characters in length",
    ),
}


@pytest.mark.parametrize("is_named", [True, False])
@pytest.mark.parametrize("fault", LOG_IN_FAULTS)
def test_a_faulty_log_in_is_refused(services, client, fault, is_named):
    changes, status, message = LOG_IN_FAULTS[fault]
    device, row = make_passkey(Authenticator(sign_count=41))
    browser = Browser(client)
    options, before = browser.request_options(row.user_id if is_named else None), rows(services)
    response = browser.log_in(device.get(options, **changes))
    assert (response.status_code, response.json) == (status, error(status, message))
    assert "Set-Cookie" not in response.headers
    assert rows(services) == before
    assert stored(services, device).sign_count == 41
    assert challenges(services) == (fault in ("challenge", "oversized"))


def test_a_failed_log_in_uses_its_challenge_up(client):  # item 14
    device, row = make_passkey()
    browser = Browser(client)
    options = browser.request_options(row.user_id)
    assert browser.log_in(device.get(options, signed=lambda _: b"x")).json["message"] == ASSERTION
    assert browser.log_in(device.get(options)).json["message"] == MISMATCH


def test_a_log_in_without_the_verification_that_is_required_may_be_tried_again(make_app):
    app = make_app({"passkey.user_verification": "required"})
    services, browser = app.extensions["hanko_compat"], Browser(app.test_client())
    device, row = make_passkey()
    for user_id in (None, row.user_id):
        options = browser.request_options(user_id)
        for _ in range(2):
            response = browser.log_in(device.get(options, flags=UP))
            assert (response.status_code, response.json["message"]) == (401, ASSERTION)
        assert browser.log_in(device.get(options)).status_code == 200
    assert challenges(services) == 0


def test_a_counter_that_stays_at_zero_is_none(client):
    device, _ = make_passkey(Authenticator(counts=False))
    browser = Browser(client)
    for _ in range(2):
        assert browser.log_in(device.get(browser.request_options())).status_code == 200


def test_another_users_passkey_is_refused(services, client):  # item 15
    device, _ = make_passkey()
    victim, browser, before = make_account().user_id, Browser(client), None
    before = rows(services)
    for handle in (None, victim.bytes, b""):
        response = browser.log_in(device.get(browser.request_options(victim), user_handle=handle))
        assert (response.status_code, response.json) == (401, error(401, ASSERTION))
    response = browser.log_in(device.get(browser.request_options(), user_handle=victim.bytes))
    assert (response.status_code, response.json) == (401, error(401, ASSERTION))
    assert rows(services) == before


def test_only_passkeys_that_were_offered_may_answer(client):
    _, row = make_passkey()
    browser = Browser(client)
    options = browser.request_options(row.user_id)
    later, _ = make_passkey(user=row.user_id)
    response = browser.log_in(later.get(options))
    assert (response.status_code, response.json["message"]) == (401, ASSERTION)
    assert browser.log_in(later.get(browser.request_options(row.user_id))).status_code == 200


@pytest.mark.parametrize(
    ("handle", "status"),
    [(b"", 400), (b"short", 400), (b"x" * 17, 400), (b"x" * 16, 401), (b"\x01" * 16, 401)],
)
def test_a_handle_that_names_nobody_is_refused(client, handle, status):
    device, _ = make_passkey()
    browser = Browser(client)
    response = browser.log_in(device.get(browser.request_options(), user_handle=handle))
    assert response.status_code == status


@pytest.mark.parametrize("is_named", [True, False])
def test_a_second_factor_is_never_a_sole_one(services, client, is_named):  # item 16
    key, row = make_passkey(mfa_only=True)
    browser = Browser(client)
    options = browser.request_options(row.user_id if is_named else None)
    assert "allowCredentials" not in options["publicKey"]
    before = rows(services)
    response = browser.log_in(key.get(options))
    assert (response.status_code, response.json) == (401, error(401, ASSERTION))
    assert rows(services) == before


@pytest.mark.parametrize("is_on", [True, False])
@pytest.mark.parametrize("flags", [UP, UP | UV])
def test_with_a_second_factor_a_passkey_has_to_verify_its_user(make_app, is_on, flags):
    app = make_app({"mfa.enabled": is_on})
    device, row = make_passkey()
    make_otp_secret(user=row.user_id)
    browser = Browser(app.test_client())
    before = rows(app.extensions["hanko_compat"])
    response = browser.log_in(device.get(browser.request_options(), flags=flags))
    is_refused = is_on and not flags & UV
    assert response.status_code == (403 if is_refused else 200)
    assert rows(app.extensions["hanko_compat"])[2] == before[2] + (not is_refused)


@pytest.mark.parametrize(("seconds", "status"), [(599, 200), (600, 401)])
def test_a_log_in_has_its_time(client, clock, seconds, status):
    device, row = make_passkey()
    browser = Browser(client)
    options = browser.request_options(row.user_id)
    clock.advance(seconds=seconds)
    response = browser.log_in(device.get(options))
    assert response.status_code == status
    assert status == 200 or response.json["message"] == ASSERTION


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"user_id": "7d0f5b1a-5b2c-4a77-9d4e-0a1b2c3d4e5f"}, 400),
        ({"user_id": "nonsense"}, 400),
        ({"user_id": ""}, 400),
        ({"user_id": 5}, 400),
        ({"user_id": None}, 200),
        ({}, 200),
    ],
)
def test_who_may_log_in(client, body, status):
    response = client.post("/webauthn/login/initialize", json=body)
    assert response.status_code == status
    if "user_id" in body and isinstance(body["user_id"], str):
        assert response.json == error(400, "user not found")


def test_second_factors_are_not_offered_and_the_oldest_comes_first(client, services):
    device, row = make_passkey()
    make_credential(user=row.user_id, mfa_only=True)
    second, _ = make_passkey(
        user=row.user_id, created_at=row.created_at.replace(year=row.created_at.year + 1)
    )
    allowed = Browser(client).request_options(row.user_id)["publicKey"]["allowCredentials"]
    assert [each["id"] for each in allowed] == [device.id, second.id]
    with services.database.connection():
        assert WebauthnSessionDataAllowedCredential.select().count() == 2


# Item 17

ANDROID = "android:apk-key-hash:2Cl3WyYDGrvjSl3X6zVvn1JY_2Jdq2oLzcrg6lRJ8Os"
ORIGINS = ["https://One.example.test", "https://two.example.test:8443", ANDROID]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://one.example.test", 200),
        ("https://two.example.test:8443", 200),
        (ANDROID, 200),
        ("https://related.test", 200),
        ("https://One.example.test", 401),
        ("https://one.example.test:443", 401),
        ("https://two.example.test", 401),
        ("http://one.example.test", 401),
        ("https://one.example.test.evil.test", 401),
        ("https://one.example.test@evil.test", 401),
        (ANDROID.lower(), 401),
        (ANDROID + "=", 401),
        ("android:apk-key-hash:", 401),
        ("null", 401),
        ("*", 401),
    ],
)
def test_origins_are_compared_exactly(make_app, origin, status):
    app = make_app(
        {
            "webauthn.relying_party": {"id": "example.test", "origins": ORIGINS},
            "hanko_compat.webauthn.associations.related_origins": ["https://related.test"],
        }
    )
    device, _ = make_passkey()
    browser = Browser(app.test_client())
    assert browser.log_in(device.get(browser.request_options(), origin=origin)).status_code == status


# Credentials


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


# Item 15: whatever the body says, it is no fault of ours.

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
