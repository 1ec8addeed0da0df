"""Passkeys that servers let people make."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from hanko_compat.base64url import decode
from hanko_compat.storage.models import (
    CredentialDetail,
    PasskeyChallenge,
    WebauthnCredential,
    WebauthnCredentialTransport,
    WebauthnCredentialUserHandle,
)
from tests.authenticator import BE, BS, UP, UV, Authenticator
from tests.backend.ceremonies import (
    BAD_ATTESTATION,
    INFORMATION,
    NO_USER,
    NOT_ACTIVE,
    PROCESS,
    Ceremonies,
    information,
    uuid_of,
)
from tests.backend.server import Server, basic, problems
from tests.factories import make_credential
from tests.passkeys import Browser, bearer, make_passkey

BLANK, NOT_VALID = "cannot be blank", "must be a valid value"
EVIL = "https://evil.example.test"
APPLE = bytes.fromhex("fbfc3007154e4ecc8c0b6e020557d7bd")
TABLES = (
    WebauthnCredential,
    WebauthnCredentialTransport,
    WebauthnCredentialUserHandle,
    CredentialDetail,
    PasskeyChallenge,
)


@pytest.fixture
def user_id(backend):
    return backend.user(fullName="Jane Doe")


def counts(services):
    with services.database.connection():
        return [table.select().count() for table in TABLES]


def test_a_passkey_is_made(services, passkeys, user_id):
    options = passkeys.creation_options(user_id)["publicKey"]
    assert len(decode(options.pop("challenge"))) == 32
    assert [each["alg"] for each in options.pop("pubKeyCredParams")] == [
        -7, -35, -36, -257, -258, -259, -37, -38, -39, -8,
    ]  # fmt: skip
    assert decode(options["user"].pop("id")) == uuid_of(user_id).bytes
    assert options == {
        "rp": {"id": "localhost", "name": "Hanko Authentication Service"},
        "user": {"name": "jane@example.test", "displayName": "Jane Doe"},
        "authenticatorSelection": {
            "authenticatorAttachment": "platform",
            "residentKey": "preferred",
            "requireResidentKey": False,
            "userVerification": "required",
        },
        "timeout": 600000,
        "attestation": "none",
        "excludeCredentials": [],
    }
    options, device = passkeys.creation_options(user_id), Authenticator(aaguid=APPLE, flags=BE | BS)
    answer = device.create(options, transports=["internal", "hybrid"])
    made = passkeys.finish_append(user_id, answer | {"authenticatorAttachment": "platform"}).json
    data = made["passkeyData"]
    assert data == {
        "id": data["id"],
        "userID": user_id,
        "username": "jane@example.test",
        "ceremonyType": "local",
        "challengeID": data["challengeID"],
        "aaguidDetails": {
            "aaguid": "fbfc3007-154e-4ecc-8c0b-6e020557d7bd",
            "name": "iCloud Keychain",
            "iconLight": "",
            "iconDark": "",
        },
    }
    assert (data["id"][:4], data["challengeID"][:4]) == ("cre-", "was-")
    (credential,) = passkeys.credentials(user_id)
    assert credential == credential | {
        "id": data["id"],
        "credentialID": device.id,
        "attestationType": "none",
        "transport": ["hybrid", "internal"],
        "backupEligible": True,
        "backupState": True,
        "authenticatorAAGUID": "fbfc3007-154e-4ecc-8c0b-6e020557d7bd",
        "sourceOS": "macOS 15.0.1",
        "sourceBrowser": "Chrome 133.0.0",
        "status": "active",
        "tags": [],
    }
    found = passkeys.challenges(user_id)
    assert found[options["publicKey"]["challenge"]] == ("register", "completed")


@pytest.mark.parametrize(
    ("has_platform", "is_forced", "attachment", "tag"),
    [
        (True, False, "platform", "user-no-pks"),
        (True, True, "platform", "user-no-pks"),
        (False, True, None, "user-no-pks"),
        (False, False, None, "env-no-platform-pk-support"),
    ],
)
def test_where_a_passkey_can_be_made(services, passkeys, user_id, has_platform, is_forced, attachment, tag):
    told = information(userVerifyingPlatformAuthenticatorAvailable=has_platform)
    flags = {"forcePasskeyAppend": is_forced, "askForAutoAppend": False}
    started = passkeys.start_append(user_id, clientInformation=told, passkeyIntelFlags=flags).json
    is_allowed = has_platform or is_forced
    assert started["appendAllow"] == is_allowed
    assert started["decisionInsights"] == {
        "tag": tag,
        "isRestrictedBrowser": False,
        "variant": "default",
        "auto": False,
    }
    assert set(started["detectionInsights"]["historyData"].values()) == {0}
    if is_allowed:
        selection = json.loads(started["attestationOptions"])["publicKey"]["authenticatorSelection"]
        assert selection.get("authenticatorAttachment") == attachment
    else:
        assert started["attestationOptions"] == ""
    assert counts(services)[-1] == is_allowed


def test_what_there_is_is_excluded(passkeys, user_id):
    device = passkeys.append(user_id)
    key = make_credential(user=uuid_of(user_id), mfa_only=True, transports=("nfc", "usb"))
    started = passkeys.start_append(user_id).json
    assert started["decisionInsights"]["tag"] == "user-positive-env-history"
    excluded = json.loads(started["attestationOptions"])["publicKey"]["excludeCredentials"]
    assert sorted(excluded, key=lambda each: each["id"] != device.id) == [
        {"type": "public-key", "id": device.id, "transports": ["internal"]},
        {"type": "public-key", "id": key.id, "transports": ["nfc", "usb"]},
    ]


START = {"userID", "processID", "username", "clientInformation", "passkeyIntelFlags"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (dict.fromkeys(START), {(name, BLANK) for name in START}),
        ({"userID": ""}, {("userID", BLANK)}),
        ({"userID": 17}, {("userID", NOT_VALID)}),
        ({"userID": "ide-17"}, NO_USER),
        ({"userID": "usr-17"}, NO_USER),
        ({"userID": "7d0f5b1a-5b2c-4a77-9d4e-0a1b2c3d4e5f"}, NO_USER),
        ({"processID": ""}, {("processID", BLANK)}),
        ({"processID": "x" * 65}, {("processID", "the length must be between 1 and 64")}),
        ({"username": "x" * 256}, {("username", "the length must be between 1 and 255")}),
        ({"username": {"a": 1}}, {("username", NOT_VALID)}),
        ({"clientInformation": {}}, {
            ("clientInformation.remoteAddress", BLANK),
            ("clientInformation.userAgent", BLANK),
            ("clientInformation.userVerifyingPlatformAuthenticatorAvailable", BLANK),
            ("clientInformation.conditionalMediationAvailable", BLANK),
        }),
        ({"clientInformation": "browser"}, {("clientInformation", NOT_VALID)}),
        ({"passkeyIntelFlags": {}}, {("passkeyIntelFlags.forcePasskeyAppend", BLANK)}),
        ({"passkeyIntelFlags": {"forcePasskeyAppend": "true"}}, {
            ("passkeyIntelFlags.forcePasskeyAppend", NOT_VALID),
        }),
        ({"passkeyIntelFlags": {"forcePasskeyAppend": 1}}, {
            ("passkeyIntelFlags.forcePasskeyAppend", NOT_VALID),
        }),
    ],
)  # fmt: skip
def test_a_start_that_is_refused(services, passkeys, user_id, changes, told):
    assert problems(passkeys.start_append(user_id, **changes)) == told
    assert counts(services) == [0] * len(TABLES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, BLANK),
        ("", BLANK),
        ({"id": "x"}, NOT_VALID),
        ("no json", NOT_VALID),
        ("[]", NOT_VALID),
        ("{}", NOT_VALID),
        ('{"id":"AA","id":"AA"}', NOT_VALID),
        ("[" * 5000, NOT_VALID),
    ],
)
def test_an_answer_that_is_no_json(services, passkeys, user_id, text, message):
    response = passkeys.finish_append(user_id, {}, attestationResponse=text)
    assert problems(response) == {("attestationResponse", message)}


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: answer.pop("id"),
        lambda answer: answer.update(id="not base64url!"),
        lambda answer: answer.update(id="A" * 2000),
        lambda answer: answer.update(type="password"),
        lambda answer: answer.pop("response"),
        lambda answer: answer.update(response="text"),
        lambda answer: answer["response"].pop("clientDataJSON"),
        lambda answer: answer["response"].update(clientDataJSON="e30"),
        lambda answer: answer["response"].update(clientDataJSON=7),
        lambda answer: answer["response"].update(attestationObject="AAAA"),
        lambda answer: answer["response"].update(attestationObject="A" * 50_000),
        lambda answer: answer["response"].update(transports="internal"),
    ],
)
def test_a_malformed_answer(services, passkeys, user_id, change):
    answer = Authenticator().create(passkeys.creation_options(user_id))
    change(answer)
    assert problems(passkeys.finish_append(user_id, answer)) == BAD_ATTESTATION
    assert counts(services)[:-1] == [0, 0, 0, 0]


# One fault is enough, and the challenge is used up.
@pytest.mark.parametrize(
    "faults",
    [
        {"origin": EVIL},
        {"origin": "http://localhost"},
        {"rp_id": "evil.example.test"},
        {"type_": "webauthn.get"},
        {"flags": UP},
        {"flags": UV},
        {"flags": UP | UV | BS},
        {"challenge": "A" * 43},
        {"attested_id": b"another"},
        {"cose": lambda key: key | {3: -53}},
        {"cose": lambda key: key | {-2: b"\0" * 32}},
        {"authenticator_data": lambda data: data + b"\0"},
        {"client_data": {"topOrigin": EVIL}},
        {"fmt": "packed", "signed": lambda data: data + b"\0"},
        {"attestation_object": lambda data: data[:-1]},
    ],
    ids=lambda faults: "-".join(faults),
)
def test_an_answer_that_proves_nothing(services, passkeys, user_id, faults):
    options = passkeys.creation_options(user_id)
    device = Authenticator()
    assert problems(passkeys.finish_append(user_id, device.create(options, **faults))) == BAD_ATTESTATION
    assert counts(services) == [0, 0, 0, 0, 1]
    # The challenge is used up, unless it was another one.
    again = passkeys.finish_append(user_id, device.create(options))
    assert again.status_code == (200 if "challenge" in faults else 400)


def test_a_challenge_is_bound_to_its_user(passkeys, user_id, backend):
    answer = Authenticator().create(passkeys.creation_options(user_id))
    assert problems(passkeys.finish_append(backend.user(), answer)) == BAD_ATTESTATION
    assert problems(passkeys.finish_append(user_id, answer)) == BAD_ATTESTATION
    assert problems(passkeys.finish_append("usr-17", answer)) == NO_USER


def test_a_challenge_is_bound_to_its_process(passkeys, user_id):
    answer = Authenticator().create(passkeys.creation_options(user_id))
    assert problems(passkeys.finish_append(user_id, answer, processID=PROCESS[::-1])) == BAD_ATTESTATION
    assert problems(passkeys.finish_append(user_id, answer)) == BAD_ATTESTATION


def test_a_challenge_is_bound_to_its_operation(passkeys, user_id):
    passkeys.append(user_id)
    challenge = passkeys.request_options(user_id)["publicKey"]["challenge"]
    answer = Authenticator().create(passkeys.creation_options(user_id), challenge=challenge)
    assert problems(passkeys.finish_append(user_id, answer)) == BAD_ATTESTATION
    assert passkeys.challenges(user_id)[challenge] == ("authenticate", "pending")


def test_a_challenge_is_bound_to_its_door(services, client, passkeys, user_id):
    browser = Browser(client, bearer(services, uuid_of(user_id)))
    theirs, ours = browser.creation_options(), passkeys.creation_options(user_id)
    assert problems(passkeys.finish_append(user_id, Authenticator().create(theirs))) == BAD_ATTESTATION
    assert browser.register(Authenticator().create(ours)).status_code == 400
    assert browser.register(Authenticator().create(theirs)).status_code == 200
    assert passkeys.finish_append(user_id, Authenticator().create(ours)).status_code == 200


def test_a_challenge_is_over_in_time(passkeys, user_id, clock):
    answer = Authenticator().create(passkeys.creation_options(user_id))
    clock.advance(milliseconds=600_000)
    assert problems(passkeys.finish_append(user_id, answer)) == BAD_ATTESTATION


def test_twenty_uses_of_one_challenge_make_one_passkey(services, passkeys, user_id):
    options, gate = passkeys.creation_options(user_id), Barrier(20)
    answers = [Authenticator().create(options) for _ in range(20)]

    def race(answer):
        gate.wait()
        return passkeys.finish_append(user_id, answer).status_code

    with ThreadPoolExecutor(20) as pool:
        assert sorted(pool.map(race, answers)) == [200, *[400] * 19]
    assert counts(services)[0] == 1


def test_a_credential_that_exists_is_refused(services, passkeys, user_id, backend):
    device, other = passkeys.append(user_id), backend.user()
    again = device.create(passkeys.creation_options(other))
    assert problems(passkeys.finish_append(other, again)) == BAD_ATTESTATION
    assert counts(services)[0] == 1


def test_the_status_of_a_user(backend, passkeys, user_id):
    answer = Authenticator().create(passkeys.creation_options(user_id))
    backend.update(f"/users/{user_id}", {"status": "disabled"})
    assert problems(passkeys.start_append(user_id)) == NOT_ACTIVE
    assert problems(passkeys.finish_append(user_id, answer)) == NOT_ACTIVE
    assert passkeys.credentials(user_id) == []
    pending = backend.user(status="pending")
    passkeys.append(pending)
    assert len(passkeys.credentials(pending)) == 1


def test_a_user_who_is_deleted_meanwhile(services, backend, passkeys, user_id):
    answer = Authenticator().create(passkeys.creation_options(user_id))
    backend.delete(f"/users/{user_id}")
    assert problems(passkeys.finish_append(user_id, answer)) == NO_USER
    assert counts(services) == [0] * len(TABLES)


def test_nothing_stays_of_a_deleted_user(services, backend, passkeys):
    user_id = backend.user(explicitWebauthnID="jane")
    passkeys.append(user_id)
    passkeys.creation_options(user_id)
    assert counts(services) == [1, 1, 1, 1, 2]
    assert backend.delete(f"/users/{user_id}").status_code == 200
    assert counts(services) == [0] * len(TABLES)


def test_a_passkey_made_here_is_used_at_the_public_door(client, backend, passkeys):
    user_id = backend.user()
    device = passkeys.append(user_id)
    browser = Browser(client)
    for options in (browser.request_options(), browser.request_options(uuid_of(user_id))):
        assert browser.log_in(device.get(options)).json["user_id"] == str(uuid_of(user_id))


def test_a_passkey_made_at_the_public_door_is_used_here(services, client, passkeys, user_id):
    device = Authenticator()
    browser = Browser(client, bearer(services, uuid_of(user_id)))
    assert browser.register(device.create(browser.creation_options())).status_code == 200
    (credential,) = passkeys.credentials(user_id)
    data = passkeys.log_in(user_id, device).json["passkeyData"]
    assert (data["id"], data["userID"]) == (credential["id"], user_id)
    found = passkeys.finish_mediation(device.get(passkeys.mediation_options())).json
    assert found["passkeyData"]["id"] == credential["id"]


@pytest.mark.parametrize("chosen", ["jane", "ÄÖ", "x" * 64])
def test_a_user_handle_that_a_server_chose_holds_at_both_doors(services, client, backend, passkeys, chosen):
    user_id = backend.user(explicitWebauthnID=chosen)
    browser = Browser(client, bearer(services, uuid_of(user_id)))
    made = [passkeys.append(user_id), Authenticator()]
    browser.register(made[1].create(browser.creation_options()))
    for device in made:
        assert device.user_handle == chosen.encode()
        assert browser.log_in(device.get(browser.request_options())).status_code == 200
        found = passkeys.finish_mediation(device.get(passkeys.mediation_options())).json
        assert found["passkeyData"]["userID"] == user_id
    assert counts(services)[2] == 1


def test_the_limit_of_passkeys_holds(make_app):
    app = make_app({"passkey.limit": 1})
    new = app.extensions["hanko_compat"].api_secrets.create()
    backend = Server(app.test_client(use_cookies=False), basic(new.project_id, new.secret))
    passkeys, user_id = Ceremonies(backend), backend.user()
    late = Authenticator().create(passkeys.creation_options(user_id))
    passkeys.append(user_id)
    assert problems(passkeys.start_append(user_id)) == {("userID", NOT_VALID)}
    assert problems(passkeys.finish_append(user_id, late)) == {("userID", NOT_VALID)}


@pytest.mark.parametrize(
    "path",
    ["append/start", "append/finish", "login/start", "login/finish", "mediation/start", "verifySignedData"],
)
def test_there_is_no_such_path_where_passkeys_are_off(make_app, path):
    app = make_app({"passkey.enabled": False})
    new = app.extensions["hanko_compat"].api_secrets.create()
    backend = Server(app.test_client(use_cookies=False), basic(new.project_id, new.secret))
    refused = backend.post(f"/passkey/{path}", {})
    assert (refused.status_code, refused.json["error"]["type"]) == (404, "not_found")
    nobody = app.test_client().post(f"/v2/passkey/{path}", json={})
    assert nobody.status_code == 401


def test_old_clients_leave_some_members_out(passkeys, user_id):
    told = {name: value for name, value in INFORMATION.items() if name != "parsedDeviceInfo"}
    answer = Authenticator().create(passkeys.creation_options(user_id, clientInformation=told))
    made = passkeys.finish_append(user_id, answer, clientInformation=told, trackingID=None)
    assert made.status_code == 200
    assert passkeys.credentials(user_id)[0]["sourceBrowser"] == "Chrome 133.0.0.0"


def test_a_second_passkey_of_the_same_device_is_listed_after_the_first(passkeys, user_id, clock):
    first, _ = make_passkey(user=uuid_of(user_id))
    clock.advance(days=1)
    second = passkeys.append(user_id)
    assert [each["credentialID"] for each in passkeys.credentials(user_id)] == [first.id, second.id]
