"""Log-in with passkeys over HTTP."""

import pytest

from hanko_compat.storage.models import (
    WebauthnCredentialUserHandle,
    WebauthnSessionDataAllowedCredential,
)
from tests.authenticator import BE, BS, UP, UV, Authenticator
from tests.factories import make_account, make_credential, make_otp_secret, store
from tests.passkeys import (
    ASSERTION,
    EVIL,
    MALFORMED,
    MISMATCH,
    Browser,
    challenges,
    error,
    make_passkey,
    rows,
    stored,
)


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


@pytest.mark.parametrize("handle", [None, ""])
@pytest.mark.parametrize("is_named", [True, False])
def test_an_import_without_a_handle_left_the_user_s_own(services, client, handle, is_named):
    user_id = make_account().user_id
    moment = services.now()
    row = store(
        WebauthnCredentialUserHandle, user=user_id, handle=handle, created_at=moment, updated_at=moment
    )
    device, _ = make_passkey(Authenticator(user_handle=user_id.bytes), user=user_id, user_handle=row)
    browser = Browser(client)
    options = browser.request_options(user_id if is_named else None)
    assert browser.log_in(device.get(options)).json["user_id"] == str(user_id)


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
    "impossible backup": ({"flags": UP | UV | BS}, 401, ASSERTION),
    "signature": ({"signed": lambda _: b"x"}, 401, ASSERTION),
    "no signature": ({"signature": lambda _: b"\x00"}, 401, ASSERTION),
    "same count": ({"sign_count": 41}, 400, ASSERTION),
    "lower count": ({"sign_count": 40}, 400, ASSERTION),
    "no count": ({"sign_count": 0}, 400, ASSERTION),
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


def test_a_failed_log_in_uses_its_challenge_up(client):
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


def test_another_users_passkey_is_refused(services, client):
    device, _ = make_passkey()
    _, theirs = make_passkey()
    victim, browser = theirs.user_id, Browser(client)
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


NO_HANDLE, UNAUTHORIZED = "failed to parse userHandle as uuid", "Unauthorized"


@pytest.mark.parametrize(
    ("handle", "status", "message"),
    [
        (b"", 400, NO_HANDLE),
        (b"short", 400, NO_HANDLE),
        (b"x" * 17, 400, NO_HANDLE),
        (b"x" * 16, 401, UNAUTHORIZED),
        (bytes(16), 401, UNAUTHORIZED),
    ],
)
@pytest.mark.parametrize("is_known", [True, False])
def test_a_handle_that_names_nobody_is_refused(services, client, handle, status, message, is_known):
    """Whether the passkey is known does not matter: whose it is said to be comes first."""
    device = make_passkey()[0] if is_known else Authenticator()
    browser, before = Browser(client), rows(services)
    response = browser.log_in(device.get(browser.request_options(), user_handle=handle))
    assert (response.status_code, response.json) == (status, error(status, message))
    assert rows(services) == before


def test_a_handle_of_another_user_is_no_proof(client):
    device, _ = make_passkey()
    browser, other = Browser(client), make_account().user_id
    response = browser.log_in(device.get(browser.request_options(), user_handle=other.bytes))
    assert (response.status_code, response.json) == (401, error(401, ASSERTION))


def test_a_log_in_of_a_user_without_a_passkey_is_one_of_anybody(client):
    device, row = make_passkey()
    bare, browser = make_account().user_id, Browser(client)
    options = browser.request_options(bare)
    assert "allowCredentials" not in options["publicKey"]
    response = browser.log_in(device.get(options))
    assert (response.status_code, response.json["user_id"]) == (200, str(row.user_id))
    # Who answers has to say who it is, as in any log-in of anybody.
    response = browser.log_in(device.get(browser.request_options(bare), user_handle=b""))
    assert (response.status_code, response.json) == (400, error(400, NO_HANDLE))


@pytest.mark.parametrize("is_named", [True, False])
def test_a_second_factor_is_never_a_sole_one(services, client, is_named):
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
        is_uuid = len(body["user_id"]) == 36
        assert response.json == error(400, "user not found" if is_uuid else "failed to parse UserID as uuid")


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


# Origins of applications, and several of the web

ANDROID = "android:apk-key-hash:2Cl3WyYDGrvjSl3X6zVvn1JY_2Jdq2oLzcrg6lRJ8Os"
EXTENSION = "chrome-extension://abcdefghijklmnopabcdefghijklmnop"
APPS = [
    ANDROID,
    EXTENSION,
    "tauri://localhost",
    "capacitor://localhost",
    "app://MyApp",
    "ios:bundle-id:com.example.app",
]
# The last three match nothing.
ORIGINS = ["https://One.example.test", "https://two.example.test:8443", *APPS, "https://three.example.test/app",
           "https://*.example.test", "null"]  # fmt: skip


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://one.example.test", 200),
        ("https://two.example.test:8443", 200),
        *((app, 200) for app in APPS),
        (f"{EXTENSION[:-1]}q", 401),
        ("moz-extension://abcdefghijklmnopabcdefghijklmnop", 401),
        ("tauri://localhost:80", 401),
        ("app://myapp", 401),
        ("https://three.example.test", 401),
        ("https://four.example.test", 401),
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
