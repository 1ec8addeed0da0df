"""Registration of passkeys over HTTP."""

import pytest

from hanko_compat.storage.models import (
    Username,
    WebauthnCredentialTransport,
)
from tests.authenticator import AT, BE, BS, UP, UV, Authenticator
from tests.factories import make_account, make_credential, make_user
from tests.passkeys import (
    ATTESTATION,
    EVIL,
    MALFORMED,
    MISMATCH,
    Browser,
    bearer,
    challenges,
    error,
    make_passkey,
    rows,
    stored,
)


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


@pytest.mark.parametrize(("length", "status"), [(0, 400), (1, 200), (191, 200), (192, 400), (1023, 400)])
def test_a_credential_id_has_to_fit_its_column(services, browser, length, status):
    device = Authenticator(credential_id=bytes(length))
    response = browser.register(device.create(browser.creation_options()) | {"id": "AAAA"})
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
            "passkey": {"user_verification": "required", "attestation_preference": "indirect"},
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
    assert creation["authenticatorSelection"]["userVerification"] == request["userVerification"] == "required"


def test_the_limit_of_passkeys_holds(make_app):
    app = make_app({"passkey.limit": 2})
    services, user_id = app.extensions["hanko_compat"], make_account().user_id
    browser = Browser(app.test_client(), bearer(services, user_id))
    make_credential(user=user_id, mfa_only=True)
    options = [browser.creation_options() for _ in range(3)]
    answers = [browser.register(Authenticator().create(each)) for each in options]
    assert [each.status_code for each in answers] == [200, 200, 409]
    reached = (409, error(409, "the user has as many passkeys as are allowed"))
    path = "/webauthn/registration/initialize"
    for sent in ({}, {"json": {}}, {"content_type": "application/json"}):
        refused = browser.client.post(path, headers=browser.headers, **sent)
        assert (refused.status_code, refused.json) == reached
    # What is malformed is answered first, and before that, who has no session.
    for step in ("initialize", "finalize"):
        path = f"/webauthn/registration/{step}"
        for body, type_, status in ((b"{", "application/json", 400), (b"{}", "text/plain", 415)):
            sent = {"data": body, "content_type": type_}
            assert browser.client.post(path, headers=browser.headers, **sent).status_code == status
            assert browser.client.post(path, **sent).status_code == 401


# One fault is enough, and nothing is stored.
REGISTRATION_FAULTS = {
    "origin": ({"origin": f"http://{EVIL}"}, ATTESTATION),
    "relying party": ({"rp_id": EVIL}, ATTESTATION),
    "type": ({"type_": "webauthn.get"}, ATTESTATION),
    "challenge": ({"challenge": "A" * 43}, MISMATCH),
    "no user presence": ({"flags": UV}, ATTESTATION),
    "impossible backup": ({"flags": UP | BS}, ATTESTATION),
    "signature": ({"fmt": "packed", "signed": lambda _: b"x"}, ATTESTATION),
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
def test_a_failed_registration_uses_its_challenge_up(services, browser, fault):
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


def test_a_challenge_is_bound_to_its_user(services, browser, client):
    mallory = Browser(client, bearer(services, make_account().user_id))
    response = mallory.register(Authenticator().create(browser.creation_options()))
    assert (response.status_code, response.json) == (400, error(400, MISMATCH))
    assert rows(services)[0] == 0


def test_a_challenge_is_bound_to_its_operation(services, browser):
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


def test_a_registration_without_the_verification_that_is_required_may_be_tried_again(make_app):
    app = make_app({"passkey.user_verification": "required"})
    services = app.extensions["hanko_compat"]
    browser, device = Browser(app.test_client(), bearer(services, make_account().user_id)), Authenticator()
    options = browser.creation_options()
    for _ in range(2):
        response = browser.register(device.create(options, flags=UP))
        told = f"{ATTESTATION}: User verification required but flag not set"
        assert (response.status_code, response.json) == (422, error(422, told))
    assert browser.register(device.create(options)).status_code == 200
