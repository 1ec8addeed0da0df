"""Log-ins with passkeys that servers ask for."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from hanko_compat.services.passkeys.passkey_data import ceremony_type
from hanko_compat.storage.models import AuditLog, PasskeyChallenge, Session, WebauthnCredential
from tests.authenticator import BE, BS, UP, UV, Authenticator
from tests.backend.ceremonies import (
    BAD_ASSERTION,
    INFORMATION,
    NO_USER,
    NOT_ACTIVE,
    PROCESS,
    Ceremonies,
    information,
    uuid_of,
)
from tests.backend.server import Server, basic, problems
from tests.factories import make_otp_secret
from tests.passkeys import Browser, make_passkey, stored

BLANK, NOT_VALID = "cannot be blank", "must be a valid value"
EVIL = "https://evil.example.test"
DELETED = {
    "passkeyData": {
        "id": "",
        "userID": "",
        "username": "",
        "ceremonyType": "local",
        "challengeID": "",
        "aaguidDetails": {"aaguid": "", "name": "", "iconLight": "", "iconDark": ""},
    },
    "error": {"type": "credentialDeleted"},
}


@pytest.fixture
def user_id(backend):
    return backend.user()


@pytest.fixture
def device(passkeys, user_id):
    return passkeys.append(user_id)


def uses(services):
    """What a log-in changes: sign counts, and how many sessions there are."""
    with services.database.connection():
        counts = [row.sign_count for row in WebauthnCredential.select()]
        return counts, Session.select().count()


def test_a_user_logs_in(services, passkeys, user_id, device, clock):
    (credential,) = passkeys.credentials(user_id)
    clock.advance(hours=1)
    started = passkeys.start_login(user_id).json
    assert started["loginAllow"] is True
    assert started["decisionInsights"] == {
        "tag": "user-platform-pk-high-confidence",
        "isCDACandidate": False,
        "experiments": [],
    }
    options = passkeys.request_options(user_id)
    challenge = options["publicKey"].pop("challenge")
    assert options["publicKey"] == {
        "timeout": 600000,
        "rpId": "localhost",
        "userVerification": "required",
        "allowCredentials": [{"type": "public-key", "id": device.id, "transports": ["internal"]}],
    }
    options["publicKey"]["challenge"] = challenge
    answer = device.get(options) | {"authenticatorAttachment": "platform"}
    finished = passkeys.finish_login(user_id, answer).json
    data = finished["passkeyData"]
    assert finished == {"passkeyData": data}
    assert data == data | {
        "id": credential["id"],
        "userID": user_id,
        "username": "jane@example.test",
        "ceremonyType": "local",
    }
    assert passkeys.challenges(user_id)[challenge] == ("authenticate", "completed")
    after = passkeys.credentials(user_id)[0]
    assert after["lastUsedMs"] - credential["lastUsedMs"] >= 3_600_000 - 1000
    assert after["created"] == credential["created"]
    assert uses(services) == ([1], 0)


def test_somebody_logs_in(services, passkeys, user_id, device):
    options = passkeys.mediation_options()
    assert "allowCredentials" not in options["publicKey"]
    data = passkeys.finish_mediation(device.get(options)).json["passkeyData"]
    assert (data["userID"], data["id"]) == (user_id, passkeys.credentials(user_id)[0]["id"])
    assert passkeys.challenges(user_id)[options["publicKey"]["challenge"]] == ("authenticate", "completed")
    assert uses(services) == ([1], 0)


def test_a_user_without_a_passkey(services, passkeys, user_id):
    started = passkeys.start_login(user_id).json
    assert (started["loginAllow"], started["assertionOptions"]) == (False, "")
    assert started["decisionInsights"]["tag"] == "user-no-pks"
    assert passkeys.challenges(user_id) == {}


START = {"userID", "processID", "clientInformation", "crossDeviceAuthenticationStrategy"}
FINISH = {"userID", "processID", "clientInformation", "assertionResponse"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (dict.fromkeys(START), {(name, BLANK) for name in START}),
        ({"userID": "usr-17"}, NO_USER),
        ({"userID": "jane"}, NO_USER),
        ({"crossDeviceAuthenticationStrategy": "odd"}, {("crossDeviceAuthenticationStrategy", NOT_VALID)}),
        ({"processID": ["x"]}, {("processID", NOT_VALID)}),
        (
            {"clientInformation": information(privateMode="no")},
            {("clientInformation.privateMode", NOT_VALID)},
        ),
    ],
)
def test_a_start_that_is_refused(passkeys, user_id, device, changes, told):
    assert problems(passkeys.start_login(user_id, **changes)) == told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (dict.fromkeys(FINISH), {(name, BLANK) for name in FINISH}),
        ({"userID": "usr-17"}, NO_USER),
        ({"assertionResponse": "x"}, BAD_ASSERTION),
        ({"assertionResponse": "{}"}, BAD_ASSERTION),
        ({"signPasskeyData": "yes"}, {("signPasskeyData", NOT_VALID)}),
        ({"processID": ""}, {("processID", BLANK)}),
    ],
)
def test_a_finish_that_is_refused(services, passkeys, user_id, device, changes, told):
    answer = device.get(passkeys.request_options(user_id))
    assert problems(passkeys.finish_login(user_id, answer, **changes)) == told
    assert passkeys.finish_login(user_id, answer).status_code == 200


def test_a_mediation_takes_information(passkeys):
    assert problems(passkeys.start_mediation(clientInformation=None)) == {("clientInformation", BLANK)}


# One fault is enough, and the challenge is used up.
@pytest.mark.parametrize("is_named", [True, False])
@pytest.mark.parametrize(
    "faults",
    [
        {"origin": EVIL},
        {"rp_id": "evil.example.test"},
        {"type_": "webauthn.create"},
        {"flags": UP},
        {"flags": UV},
        {"flags": UP | UV | BS},
        {"challenge": "A" * 43},
        {"sign_count": 5},
        {"signature": lambda data: data[:-1]},
        {"signed": lambda data: data + b"\0"},
        {"user_handle": b"x" * 16},
        {"user_handle": b"usr-17"},
        {"authenticator_data": lambda data: data[:36]},
        {"client_data": {"topOrigin": EVIL}},
    ],
    ids=lambda faults: "-".join(faults) if isinstance(faults, dict) else str(faults),
)
def test_an_answer_that_proves_nothing(services, passkeys, backend, is_named, faults):
    user_id = backend.user()
    device = passkeys.append(user_id, Authenticator(sign_count=5))
    options = passkeys.request_options(user_id) if is_named else passkeys.mediation_options()

    def finish(answer):
        return passkeys.finish_login(user_id, answer) if is_named else passkeys.finish_mediation(answer)

    assert problems(finish(device.get(options, **faults))) == BAD_ASSERTION
    assert uses(services) == ([5], 0)
    # The challenge is used up, unless it was another one.
    assert finish(device.get(options)).status_code == (200 if "challenge" in faults else 400)


@pytest.mark.parametrize("is_named", [True, False])
def test_flags_of_backups_are_taken_as_sent(passkeys, user_id, is_named):
    """Whatever is stored, as rows from before the columns and imported ones say "no" of any passkey."""
    device = passkeys.append(user_id, Authenticator())
    for flags in (BE, BE | BS, 0, BE | BS, BE):
        options = passkeys.request_options(user_id) if is_named else passkeys.mediation_options()
        answer = device.get(options, flags=UP | UV | flags)
        finished = passkeys.finish_login(user_id, answer) if is_named else passkeys.finish_mediation(answer)
        assert finished.status_code == 200
        (credential,) = passkeys.credentials(user_id)
        assert credential["backupEligible"] is bool(flags & BE)
        assert credential["backupState"] is bool(flags & BS)


def test_a_mediation_needs_a_user_handle(passkeys, device):
    answer = device.get(passkeys.mediation_options(), user_handle=b"")
    assert problems(passkeys.finish_mediation(answer)) == BAD_ASSERTION


def test_a_passkey_of_another_user(services, passkeys, backend, user_id, device):
    other = backend.user()
    theirs = passkeys.append(other)
    answer = theirs.get(passkeys.request_options(user_id))
    assert problems(passkeys.finish_login(user_id, answer)) == BAD_ASSERTION
    answer = device.get(passkeys.request_options(user_id))
    assert problems(passkeys.finish_login(other, answer)) == BAD_ASSERTION
    assert problems(passkeys.finish_login(user_id, answer)) == BAD_ASSERTION
    assert uses(services) == ([0, 0], 0)


def test_a_challenge_is_bound_to_its_process(passkeys, user_id, device):
    answer = device.get(passkeys.request_options(user_id))
    assert problems(passkeys.finish_login(user_id, answer, processID=PROCESS[::-1])) == BAD_ASSERTION
    assert problems(passkeys.finish_login(user_id, answer)) == BAD_ASSERTION


def test_a_challenge_is_bound_to_its_kind_of_log_in(passkeys, user_id, device):
    answer = device.get(passkeys.request_options(user_id))
    assert problems(passkeys.finish_mediation(answer)) == BAD_ASSERTION
    answer = device.get(passkeys.mediation_options())
    assert problems(passkeys.finish_login(user_id, answer)) == BAD_ASSERTION
    challenge = passkeys.creation_options(user_id)["publicKey"]["challenge"]
    answer = device.get(passkeys.request_options(user_id), challenge=challenge)
    assert problems(passkeys.finish_login(user_id, answer)) == BAD_ASSERTION


@pytest.mark.parametrize("is_named", [True, False])
def test_a_challenge_is_bound_to_its_door(client, passkeys, user_id, device, is_named):
    browser = Browser(client)
    theirs = browser.request_options(uuid_of(user_id) if is_named else None)
    answer = device.get(theirs)
    assert problems(passkeys.finish_login(user_id, answer)) == BAD_ASSERTION
    assert problems(passkeys.finish_mediation(answer)) == BAD_ASSERTION
    ours = passkeys.request_options(user_id) if is_named else passkeys.mediation_options()
    assert browser.log_in(device.get(ours)).status_code == 401
    assert browser.log_in(device.get(theirs)).status_code == 200


def test_a_challenge_is_over_in_time(passkeys, user_id, device, clock):
    answers = [device.get(passkeys.request_options(user_id)), device.get(passkeys.mediation_options())]
    clock.advance(milliseconds=600_000)
    assert problems(passkeys.finish_login(user_id, answers[0])) == BAD_ASSERTION
    assert problems(passkeys.finish_mediation(answers[1])) == BAD_ASSERTION


def test_twenty_uses_of_one_answer_log_in_once(services, passkeys, user_id, device):
    answer, gate = device.get(passkeys.request_options(user_id)), Barrier(20)

    def race(_):
        gate.wait()
        return passkeys.finish_login(user_id, answer).status_code

    with ThreadPoolExecutor(20) as pool:
        assert sorted(pool.map(race, range(20))) == [200, *[400] * 19]


def test_one_count_with_several_challenges_logs_in_once(passkeys, user_id, device):
    answers = [device.get(passkeys.request_options(user_id), sign_count=7) for _ in range(6)]
    gate = Barrier(6)

    def race(answer):
        gate.wait()
        return passkeys.finish_login(user_id, answer).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(race, answers)) == [200, *[400] * 5]


@pytest.mark.parametrize("status", ["pending", "disabled"])
def test_who_is_not_active_never_gets_in(services, backend, passkeys, user_id, device, status):
    answers = [device.get(passkeys.request_options(user_id)), device.get(passkeys.mediation_options())]
    backend.update(f"/users/{user_id}", {"status": status})
    assert problems(passkeys.start_login(user_id)) == NOT_ACTIVE
    assert problems(passkeys.finish_login(user_id, answers[0])) == NOT_ACTIVE
    assert problems(passkeys.finish_mediation(answers[1])) == NOT_ACTIVE
    assert uses(services) == ([0], 0)
    backend.update(f"/users/{user_id}", {"status": "active"})
    assert problems(passkeys.finish_login(user_id, answers[0])) == BAD_ASSERTION
    assert passkeys.log_in(user_id, device).status_code == 200


def test_a_second_factor_alone_is_none(services, passkeys, user_id):
    key, row = make_passkey(user=uuid_of(user_id), mfa_only=True)
    assert passkeys.start_login(user_id).json["loginAllow"] is False
    assert problems(passkeys.finish_mediation(key.get(passkeys.mediation_options()))) == BAD_ASSERTION
    device = passkeys.append(user_id)
    options = passkeys.request_options(user_id)
    assert [each["id"] for each in options["publicKey"]["allowCredentials"]] == [device.id]
    assert problems(passkeys.finish_login(user_id, key.get(options))) == BAD_ASSERTION
    assert stored(services, key).sign_count == row.sign_count


def test_a_passkey_is_two_factors_in_one(make_app):
    app = make_app({"mfa.enabled": True})
    new = app.extensions["hanko_compat"].api_secrets.create()
    backend = Server(app.test_client(use_cookies=False), basic(new.project_id, new.secret))
    passkeys, user_id = Ceremonies(backend), backend.user()
    device = passkeys.append(user_id)
    make_otp_secret(user=uuid_of(user_id))
    assert passkeys.log_in(user_id, device).status_code == 200
    answer = device.get(passkeys.request_options(user_id), flags=UP)
    assert problems(passkeys.finish_login(user_id, answer)) == BAD_ASSERTION


def test_a_passkey_that_was_deleted_here(services, backend, passkeys, user_id, device):
    named, anybody = (device.get(passkeys.request_options(user_id)), device.get(passkeys.mediation_options()))
    (credential,) = passkeys.credentials(user_id)
    backend.delete(f"/users/{user_id}/credentials/{credential['id']}")
    response = passkeys.finish_mediation(anybody, signPasskeyData=True)
    assert (response.status_code, response.json) == (200, DELETED)
    assert problems(passkeys.finish_mediation(anybody)) == BAD_ASSERTION
    assert problems(passkeys.finish_login(user_id, named)) == BAD_ASSERTION


def test_a_user_who_was_deleted(backend, passkeys, user_id, device):
    answer = device.get(passkeys.request_options(user_id))
    backend.delete(f"/users/{user_id}")
    assert problems(passkeys.start_login(user_id)) == NO_USER
    assert problems(passkeys.finish_login(user_id, answer)) == NO_USER
    assert passkeys.finish_mediation(device.get(passkeys.mediation_options())).json == DELETED


@pytest.mark.parametrize(
    ("attachment", "transports", "type_"),
    [
        ("platform", ["internal"], "local"),
        ("platform", [], "local"),
        ("platform", ["usb"], "local"),
        (None, ["internal", "hybrid"], "local"),
        (None, [], "local"),
        (None, ["usb", "nfc"], "security-key"),
        ("cross-platform", ["internal", "hybrid"], "cda"),
        ("cross-platform", ["hybrid"], "cda"),
        ("cross-platform", [], "cda"),
        ("cross-platform", ["usb"], "security-key"),
        ("cross-platform", ["smart-card", "ble"], "security-key"),
    ],
)
def test_types_of_ceremonies(attachment, transports, type_):
    assert ceremony_type(attachment, transports) == type_


@pytest.mark.parametrize(
    ("told", "identifiers", "username"),
    [
        ("jane@example.test", [], "jane@example.test"),
        ("jane@EXAMPLE.test", [("Jane@example.test", "pending")], "Jane@example.test"),
        (
            "old@example.test",
            [("a@example.test", "verified"), ("b@example.test", "primary")],
            "b@example.test",
        ),
        ("old@example.test", [("a@example.test", "verified")], "a@example.test"),
    ],
)
def test_what_the_user_is_called(backend, passkeys, user_id, told, identifiers, username):
    device = passkeys.append(user_id, username=told)
    for value, status in identifiers:
        backend.identifier(user_id, value, status=status)
    assert passkeys.log_in(user_id, device).json["passkeyData"]["username"] == username


def test_the_audit_log_tells_of_the_browser(make_app):
    app = make_app({"audit_log.storage.enabled": True, "audit_log.mask": False})
    services = app.extensions["hanko_compat"]
    new = services.api_secrets.create()
    backend = Server(app.test_client(use_cookies=False), basic(new.project_id, new.secret))
    passkeys, user_id = Ceremonies(backend), backend.user()
    device = passkeys.append(user_id)
    told = information(remoteAddress="203.0.113.9" * 40, userAgent="x" * 400)
    passkeys.log_in(user_id, device, clientInformation=told)
    passkeys.finish_login(user_id, device.get(passkeys.request_options(user_id), origin=EVIL))
    passkeys.finish_login(user_id, device.get(passkeys.request_options(user_id), challenge="A" * 43))
    with services.database.connection():
        rows = list(AuditLog.select().where(AuditLog.type.startswith("webauthn_")))
    (done,) = [row for row in rows if row.type == "webauthn_authentication_final_succeeded"]
    assert (done.meta_source_ip, done.meta_user_agent) == (("203.0.113.9" * 40)[:255], "x" * 255)
    failed = {row.error for row in rows if row.type == "webauthn_authentication_final_failed"}
    assert failed == {"assertion validation failed", "received unknown challenge"}
    assert {row.actor_user_id for row in rows} == {uuid_of(user_id)}
    assert INFORMATION["remoteAddress"] in {row.meta_source_ip for row in rows}


def of_nobody(services):
    """When the challenges were made that nobody has answered."""
    with services.database.connection():
        rows = PasskeyChallenge.select().where(PasskeyChallenge.user.is_null())
        return sorted(row.created_at for row in rows)


def test_mediations_leave_a_row_that_is_nobodys(services, passkeys, device):
    passkeys.mediation_options()
    assert len(of_nobody(services)) == 1


def test_mediations_that_nobody_finished_are_forgotten(services, passkeys, user_id, device, clock):
    """Each page with a log-in asks for one: without that their table would grow for ever."""
    passkeys.request_options(user_id)
    passkeys.finish_mediation(device.get(passkeys.mediation_options()))
    passkeys.finish_mediation(device.get(passkeys.mediation_options(), user_handle=b""))
    kept = passkeys.challenges(user_id)
    passkeys.mediation_options()
    assert len(of_nobody(services)) == 2
    clock.advance(days=1)
    passkeys.mediation_options()
    services.clean_up.runs.run()
    (left,) = of_nobody(services)
    assert clock() - left < timedelta(seconds=1)
    assert passkeys.challenges(user_id) == kept


def test_ceremonies_of_a_user_are_forgotten_after_a_month(services, passkeys, user_id, device, clock):
    passkeys.request_options(user_id)
    clock.advance(days=29)
    services.clean_up.runs.run()
    assert len(passkeys.challenges(user_id)) == 2  # of the registration, too
    clock.advance(days=2)
    services.clean_up.runs.run()
    assert passkeys.challenges(user_id) == {}


def test_a_stranger_begins_a_bounded_number_of_log_ins_through_a_server(make_backend):
    limit = {"rate_limiter.enabled": True, "hanko_compat.limits.passkey_challenges.tokens": 2}
    passkeys = Ceremonies(make_backend(limit))
    user_id = passkeys.backend.user()

    def statuses(address):
        told = information(remoteAddress=address)
        starts = (
            lambda: passkeys.start_mediation(clientInformation=told),
            lambda: passkeys.start_login(user_id, clientInformation=told),
        )
        return [start().status_code for start in starts * 2]

    assert statuses("198.51.100.7") == [200, 200, 429, 429]
    assert statuses("198.51.100.8") == [200, 200, 429, 429]
    # A server that doesn't say who asks bounds that itself.
    assert statuses("unknown") == [200] * 4
    refused = passkeys.start_mediation()
    assert refused.json["error"]["type"] == "rate_limited"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
