from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from hanko_compat.errors.passkeys import (
    AttestationInvalid,
    PasskeyLimitReached,
    RegistrationChallengeUnknown,
    UserVerificationMissing,
)
from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.services.passkeys.registration import Attestation
from hanko_compat.storage.models import WebauthnCredential
from hanko_compat.storage.users import users
from tests.authenticator import UP, Authenticator
from tests.calls import CALLER, refusal
from tests.factories import make_account
from tests.passkeys import audited
from tests.sessions import signed_in

AUDITED = {"audit_log.storage.enabled": True, "audit_log.mask": False}
DONE, FAILED = (f"webauthn_registration_final_{outcome}" for outcome in ("succeeded", "failed"))


def options_for(services, user_id):
    options = services.passkeys.registration.start(user_id, client=CALLER)
    return {
        "publicKey": {
            "rp": {"id": options.rp.id},
            "user": {"id": options.user.id},
            "challenge": options.challenge,
        }
    }


def attestation(answer):
    response = answer["response"]
    return Attestation.from_base64url(
        credential_id=answer["id"],
        client_data=response["clientDataJSON"],
        attestation_object=response["attestationObject"],
        transports=(),
    )


def finish(services, user_id, answer, session=None):
    return services.passkeys.registration.finish(
        session or signed_in(services, user_id), attestation(answer), client=CALLER
    )


def test_both_halves_are_audited(make_services):
    services, email = make_services(AUDITED), make_account()
    options = options_for(services, email.user_id)
    assert finish(services, email.user_id, Authenticator().create(options))
    who = [(None, email.user_id, email.address)]
    assert audited(services, "webauthn_registration_init_succeeded") == who
    assert audited(services, DONE) == who
    assert audited(services, FAILED) == []


@pytest.mark.parametrize(
    ("changes", "error", "reason", "is_known"),
    [
        ({"challenge": "A" * 43}, RegistrationChallengeUnknown, "received unkown challenge", False),
        ({"rp_id": "evil.test"}, AttestationInvalid, "failed to validate attestation", True),
        ({"flags": UP}, UserVerificationMissing, "failed to validate attestation", True),
    ],
)
def test_a_row_of_a_failure_is_kept(make_services, changes, error, reason, is_known):
    services, email = make_services(AUDITED | {"passkey.user_verification": "required"}), make_account()
    options = options_for(services, email.user_id)
    with pytest.raises(error):
        finish(services, email.user_id, Authenticator().create(options, **changes))
    who = (email.user_id, email.address) if is_known else (None, None)
    assert audited(services, FAILED) == [(reason, *who)]
    assert audited(services, DONE) == []


def test_a_challenge_of_somebody_else_is_audited(make_services):
    services, email = make_services(AUDITED), make_account()
    options = options_for(services, make_account().user_id)
    with pytest.raises(RegistrationChallengeUnknown):
        finish(services, email.user_id, Authenticator().create(options))
    reason = "user session does not match sessionData subject"
    assert audited(services, FAILED) == [(reason, email.user_id, email.address)]


def test_a_user_who_was_deleted_gets_no_passkey(services):
    user_id = make_account().user_id
    session, options = signed_in(services, user_id), options_for(services, user_id)
    services.database.transaction(lambda: users.delete(user_id))
    with pytest.raises(RegistrationChallengeUnknown):  # deleted with its user
        finish(services, user_id, Authenticator().create(options), session)
    with pytest.raises(SessionInvalid):
        services.passkeys.registration.start(user_id, client=CALLER)


def test_a_session_that_ended_while_the_answer_was_verified_gets_no_passkey(services, monkeypatch):
    user_id, real = make_account().user_id, services.passkeys.registration.verify
    options, session = options_for(services, user_id), signed_in(services, user_id)

    def verify(*arguments):
        verified = real(*arguments)
        services.sessions.live.revoke_all(user_id)
        return verified

    monkeypatch.setattr(services.passkeys.registration, "verify", verify)
    with pytest.raises(SessionInvalid):
        finish(services, user_id, Authenticator().create(options), session)
    with services.database.connection():
        assert WebauthnCredential.select().count() == 0


def test_twenty_uses_of_one_challenge_make_one_passkey(services):
    user_id, gate = make_account().user_id, Barrier(20)
    options, session = options_for(services, user_id), signed_in(services, user_id)
    answers = [Authenticator().create(options) for _ in range(20)]

    def race(answer):
        gate.wait()
        return refusal(lambda: finish(services, user_id, answer, session))

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(race, answers))
    assert sorted(map(str, outcomes)) == sorted(map(str, [None, *[RegistrationChallengeUnknown] * 19]))
    with services.database.connection():
        assert WebauthnCredential.select().count() == 1


def test_the_limit_holds_in_a_race(make_services):
    services = make_services({"passkey.limit": 3})
    user_id, gate = make_account().user_id, Barrier(8)
    answers = [Authenticator().create(options_for(services, user_id)) for _ in range(8)]
    session = signed_in(services, user_id)

    def race(answer):
        gate.wait()
        return refusal(lambda: finish(services, user_id, answer, session))

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(race, answers))
    assert outcomes.count(None) == 3
    assert outcomes.count(PasskeyLimitReached) == 5
    with services.database.connection():
        assert WebauthnCredential.select().count() == 3


def test_one_credential_for_two_users_in_a_race_is_one(services):
    device, gate = Authenticator(), Barrier(2)
    owners = [make_account().user_id for _ in range(2)]
    answers = [device.create(options_for(services, user_id)) for user_id in owners]

    def race(pair):
        gate.wait()
        return refusal(lambda: finish(services, *pair))

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(race, zip(owners, answers, strict=True)))
    assert sorted(map(str, outcomes)) == sorted(map(str, [None, AttestationInvalid]))
