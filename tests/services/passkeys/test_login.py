from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from hanko_compat.errors.login import SecondFactorRequired
from hanko_compat.errors.passkeys import (
    AssertionInvalid,
    LoginChallengeUnknown,
    PasskeyUserIdMalformed,
    PasskeyUserUnknown,
    SignCountNotGrown,
    UserHandleMalformed,
    UserHandleUnknown,
)
from hanko_compat.services.passkeys import login as passkey_login
from hanko_compat.services.passkeys.login import Assertion
from hanko_compat.storage.models import Session
from tests.authenticator import UP, UV, Authenticator
from tests.calls import CALLER, refusal
from tests.factories import make_account, make_otp_secret
from tests.passkeys import audited, make_passkey
from tests.queries import assert_query_count

AUDITED = {"audit_log.storage.enabled": True, "audit_log.mask": False}
INIT, INIT_FAILED = (f"webauthn_authentication_init_{outcome}" for outcome in ("succeeded", "failed"))
DONE, FAILED = (f"webauthn_authentication_final_{outcome}" for outcome in ("succeeded", "failed"))


def options_for(services, user_id=None):
    options = services.passkeys.login.start(user_id and str(user_id), client=CALLER)
    return {"publicKey": {"rpId": options.rp_id, "challenge": options.challenge}}


def finish(services, answer):
    response = answer["response"]
    assertion = Assertion.from_base64url(
        credential_id=answer["id"],
        client_data=response["clientDataJSON"],
        authenticator_data=response["authenticatorData"],
        signature=response["signature"],
        user_handle=response.get("userHandle", ""),
    )
    return services.passkeys.login.finish(assertion, client=CALLER)


def sessions(services):
    with services.database.connection():
        return Session.select().count()


def test_both_halves_are_audited(make_services):
    services, email = make_services(AUDITED), make_account()
    device, _ = make_passkey(user=email.user_id)
    finish(services, device.get(options_for(services)))
    finish(services, device.get(options_for(services, email.user_id)))
    known, nobody = (None, email.user_id, email.address), (None, None, None)
    assert sorted(audited(services, INIT), key=str) == sorted([known, nobody], key=str)
    assert audited(services, DONE) == [known, known]


@pytest.mark.parametrize(
    ("user_id", "error", "reason"),
    [
        ("7d0f5b1a-5b2c-4a77-9d4e-0a1b2c3d4e5f", PasskeyUserUnknown, "unknown user"),
        ("nonsense", PasskeyUserIdMalformed, "user_id is not a uuid"),
    ],
)
def test_a_log_in_of_nobody_is_audited(make_services, user_id, error, reason):
    services = make_services(AUDITED)
    with pytest.raises(error):
        services.passkeys.login.start(user_id, client=CALLER)
    assert audited(services, INIT_FAILED) == [(reason, None, None)]
    assert audited(services, INIT) == []


@pytest.mark.parametrize(
    ("changes", "error", "reason", "is_known"),
    [
        ({"challenge": "A" * 43}, LoginChallengeUnknown, "received unkown challenge", False),
        ({"rp_id": "evil.test"}, AssertionInvalid, "assertion validation failed", True),
        ({"rp_id": "evil.test", "flags": 0}, AssertionInvalid, "assertion validation failed", True),
        ({"sign_count": 0, "flags": UP | UV}, SignCountNotGrown, "assertion validation failed", True),
        ({"user_handle": b"x" * 16}, UserHandleUnknown, "unknown user", False),
        ({"user_handle": b"short"}, UserHandleMalformed, "assertion validation failed", False),
        ({"flags": UP}, SecondFactorRequired, "second factor required", True),
    ],
)
def test_a_row_of_a_failure_is_kept_and_nothing_else(make_services, changes, error, reason, is_known):
    services, email = make_services(AUDITED | {"mfa.enabled": True}), make_account()
    device, _ = make_passkey(Authenticator(sign_count=5), user=email.user_id)
    make_otp_secret(user=email.user_id)
    with pytest.raises(error):
        finish(services, device.get(options_for(services), **changes))
    who = (email.user_id, email.address) if is_known else (None, None)
    assert audited(services, FAILED) == [(reason, *who)]
    assert (audited(services, DONE), sessions(services)) == ([], 0)
    assert finish(services, device.get(options_for(services))).issued.session.user_id == email.user_id


def test_twenty_uses_of_one_answer_give_one_session(services):
    device, row = make_passkey()
    answer, gate = device.get(options_for(services, row.user_id)), Barrier(20)

    def race(_):
        gate.wait()
        return refusal(lambda: finish(services, answer))

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(race, range(20)))
    assert outcomes.count(None) == 1
    assert outcomes.count(LoginChallengeUnknown) == 19
    assert sessions(services) == 1


def test_one_count_with_several_challenges_gives_one_session(services):
    device, row = make_passkey()
    answers = [device.get(options_for(services, row.user_id), sign_count=7) for _ in range(8)]
    gate = Barrier(8)

    def race(answer):
        gate.wait()
        return refusal(lambda: finish(services, answer))

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(race, answers))
    assert outcomes.count(None) == 1
    assert outcomes.count(SignCountNotGrown) == 7
    assert sessions(services) == 1


def test_log_ins_at_once_keep_the_limit_of_sessions(make_services):
    services = make_services({"session.limit": 2})
    devices = [make_passkey()]
    user_id = devices[0][1].user_id
    devices += [make_passkey(user=user_id) for _ in range(5)]
    answers = [device.get(options_for(services)) for device, _ in devices]
    gate = Barrier(6)

    def race(answer):
        gate.wait()
        return refusal(lambda: finish(services, answer))

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(race, answers)) == [None] * 6
    assert sessions(services) == 2


def test_a_log_in_that_races_with_a_deletion_gets_no_session(make_services, monkeypatch):
    services = make_services({"account.allow_deletion": True})
    device, row = make_passkey()
    answer, real = device.get(options_for(services)), passkey_login.verify_assertion

    def delete_meanwhile(*args, **kwargs):
        assertion = real(*args, **kwargs)
        services.users.accounts.delete(row.user_id, client=CALLER)
        return assertion

    monkeypatch.setattr(passkey_login, "verify_assertion", delete_meanwhile)
    assert refusal(lambda: finish(services, answer)) is AssertionInvalid
    assert sessions(services) == 0


def test_a_log_in_takes_few_queries(services):
    device, _ = make_passkey()
    finish(services, device.get(options_for(services)))
    with assert_query_count(1):
        options = options_for(services)
    # Take the challenge; credential; lock the user and read it; use; live sessions, session. Elsewhere taking
    # and locking are two statements each.
    with assert_query_count(6 if services.database.dialect == "postgres" else 8):
        finish(services, device.get(options))
