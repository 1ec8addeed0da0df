"""What is left of an account when its address is first proved without a session: nothing of a stranger's."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from hanko_compat.errors.login import SecondFactorRequired
from hanko_compat.errors.passcodes import PasscodeNotFound
from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.errors.users import ForeignAccount
from hanko_compat.services.passcodes import PasscodeRequest
from hanko_compat.storage.emails import claims
from hanko_compat.storage.models import (
    AuditLog,
    Challenge,
    CredentialDetail,
    Email,
    Identity,
    OtpSecret,
    Passcode,
    PasskeyChallenge,
    PasswordCredential,
    PrimaryEmail,
    SamlIdentity,
    Session,
    SocialAccount,
    Token,
    TrustedDevice,
    User,
    WebauthnCredential,
    WebauthnCredentialTransport,
    WebauthnCredentialUserHandle,
    WebauthnSessionData,
)
from tests.calls import CALLER, kind, outcome
from tests.factories import (
    make_account,
    make_credential,
    make_email,
    make_identity,
    make_otp_secret,
    make_passcode,
    make_password,
    make_session,
    make_user,
    now,
    store,
)
from tests.sessions import signed_in

AUDITED = {"audit_log.storage.enabled": True, "audit_log.mask": False}
SECOND_FACTORS = {OtpSecret, TrustedDevice}
LEFT = (
    PasswordCredential,
    WebauthnCredential,
    WebauthnCredentialTransport,
    WebauthnCredentialUserHandle,
    CredentialDetail,
    Identity,
    SamlIdentity,
    SocialAccount,
    Session,
    Passcode,
    Token,
    OtpSecret,
    TrustedDevice,
    WebauthnSessionData,
    PasskeyChallenge,
)


def stamped(**columns):
    return {"created_at": now(), "updated_at": now()} | columns


def make_stranger(user, email):
    """Everything that somebody can have left in an account."""
    handle = store(WebauthnCredentialUserHandle, **stamped(user=user, handle=str(uuid4())))
    passkey = make_credential(user=user, user_handle=handle)
    make_credential(user=user, mfa_only=True)
    detail = {"tags": "[]", "username": "", "source_os": "", "source_browser": "", "created_at": now()}
    store(CredentialDetail, credential=passkey.id, **detail)
    make_password(user=user)
    make_session(user=user)
    make_otp_secret(user=user)
    later = now() + timedelta(minutes=5)
    store(TrustedDevice, **stamped(user=user, device_token=str(uuid4()), expires_at=later))
    identity = make_identity(email=email, user=user)
    make_identity(email=email, user=None)  # as old versions of Hanko wrote them
    store(SamlIdentity, **stamped(identity=identity, domain="example.test"))
    store(SocialAccount, identity=identity, identifier_value="", avatar_url="", full_name="")
    store(Token, **stamped(user=user, value=str(uuid4()), expires_at=later))
    ceremony = {"challenge": str(uuid4()), "user_verification": "preferred", "operation": "registration"}
    store(WebauthnSessionData, **stamped(user_id=user, expires_at=later, **ceremony))
    for status in ("pending", "completed"):
        begun = {"type": "authenticate", "process_id": "p", "username": "", "created_at": now()}
        store(PasskeyChallenge, user=user, value=str(uuid4()), status=status, expires_at=later, **begun)
    make_passcode(user=user, email=email)


def squatted(**changes):
    """An account that somebody made with somebody else's address."""
    email = make_account(**{"verified": False} | changes)
    make_stranger(email.user_id, email)
    return email


def prove(services, email, *, caller_id=None, **changes):
    passcode = make_passcode(user=email.user_id, email=email, **changes)
    return services.passcodes.finish(passcode.id, "123456", caller_id=caller_id, client=CALLER)


def left(services):
    """The tables that have rows, and how many."""
    with services.database.connection():
        counts = {table: table.select().count() for table in LEFT}
    return {table: number for table, number in counts.items() if number}


def addresses(services, user_id):
    with services.database.connection():
        primary = PrimaryEmail.get_or_none(PrimaryEmail.user == user_id)
        return {row.id for row in Email.select().where(Email.user == user_id)}, primary and primary.email_id


def test_nothing_of_a_strangers_is_left(services):
    email = squatted()
    login = prove(services, email)
    assert left(services) == {Session: 1}
    with services.database.connection():
        assert Session.get().id == login.issued.session.session_id
        assert Email.get().verified
        assert User.select().count() == 1
    assert services.sessions.live.authenticate(login.issued.session.token).user_id == email.user_id


def test_with_a_session_everything_stays(services):
    email = squatted()
    before = left(services)
    prove(services, email, caller_id=email.user_id)
    assert left(services) == before | {Session: 2}


def test_the_second_proof_removes_nothing(services):
    email = squatted()
    prove(services, email)
    make_stranger(email.user_id, email)
    with services.database.connection():  # a second factor would refuse the passcode
        for table in SECOND_FACTORS:
            table.delete().execute()
        WebauthnCredential.delete().where(WebauthnCredential.mfa_only == True).execute()  # noqa: E712
    before = left(services)
    prove(services, email)
    assert left(services) == before | {Session: before[Session] + 1}


def test_others_keep_what_they_have(services):
    other = make_account()
    make_stranger(other.user_id, other)
    before = left(services)
    prove(services, make_account(verified=False))
    assert left(services) == before | {Session: 2}
    assert addresses(services, other.user_id) == ({other.id}, other.id)


def test_a_strangers_second_factor_keeps_no_owner_out(make_services, inbox):
    """Neither does it keep the passcode from being mailed."""
    services, email = make_services({"mfa.enabled": True}), squatted()
    services.passcodes.start(PasscodeRequest(user_id=email.user_id), caller_id=None, client=CALLER)
    assert inbox.passcode(email.address)
    prove(services, email)
    assert left(services) == {Session: 1}


@pytest.mark.parametrize("is_verified", [True, False])
def test_the_primary_address_takes_the_account_from_all_others(services, is_verified):
    """They were added in its name, by whoever signed up with it."""
    email = squatted()
    other = make_email(user=email.user_id, verified=is_verified)
    make_passcode(user=email.user_id, email=other)
    prove(services, email)
    assert left(services) == {Session: 1}
    assert addresses(services, email.user_id) == ({email.id}, email.id)


def test_a_second_address_does_not_open_an_account_of_which_another_is_proved(services):
    """Whoever proved that one and whoever reads this one may be two: neither gets what is the other's."""
    primary = make_account()
    second = make_email(user=primary.user_id, verified=False)
    make_stranger(primary.user_id, primary)
    make_identity(email=second, user=primary.user_id)
    make_passcode(user=primary.user_id, email=second)
    before = left(services)
    assert kind(lambda: prove(services, second)) is ForeignAccount
    assert left(services) == before | {each: before[each] - 1 for each in (Identity, Passcode)}
    assert addresses(services, primary.user_id) == ({primary.id}, primary.id)
    assert services.users.accounts.sign_up(second.address, client=CALLER).email_id == second.id


def test_a_second_address_that_a_server_gave_opens_the_account(services):
    primary = make_account()
    second = make_email(user=primary.user_id, verified=False)
    third, proved = (make_email(user=primary.user_id, verified=each) for each in (False, True))
    services.database.transaction(lambda: claims.create(second.id))
    make_password(user=primary.user_id)
    make_session(user=primary.user_id)
    make_credential(user=primary.user_id)
    prove(services, second)
    assert left(services) == {Session: 1}
    assert addresses(services, primary.user_id) == ({primary.id, second.id, proved.id}, primary.id)
    assert third.id not in addresses(services, primary.user_id)[0]


def test_a_second_address_takes_the_place_of_a_primary_one_that_nobody_has_proved(services):
    primary = make_account(verified=False)
    second = make_email(user=primary.user_id, verified=False)
    login = prove(services, second)
    assert addresses(services, primary.user_id) == ({second.id}, second.id)
    session = services.sessions.live.authenticate(login.issued.session.token)
    assert session.email["address"] == second.address


def test_who_reads_a_second_address_does_not_pass_the_second_factor_of_a_proved_account(make_services):
    services, primary = make_services({"mfa.enabled": True}), make_account()
    second = make_email(user=primary.user_id, verified=False)
    services.database.transaction(lambda: claims.create(second.id))
    make_stranger(primary.user_id, primary)
    before = left(services)
    assert kind(lambda: prove(services, second)) is SecondFactorRequired
    assert left(services) == before | {Passcode: before[Passcode] + 1}
    with services.database.connection():
        assert not Email.get_by_id(second.id).verified


def test_a_device_cookie_of_before_is_a_strangers(make_services, clock):
    """It would be counted apart from other strangers."""
    services, email = make_services({"rate_limiter.enabled": True}), make_account(verified=False)

    def client_with_cookie():
        return replace(CALLER, device_cookie=services.device_cookies.issue(email.user_id, CALLER))

    def is_known(client):
        return services.device_cookies.find(email.user_id, client) is not None

    stranger = client_with_cookie()
    assert is_known(stranger)
    clock.advance(seconds=1)
    prove(services, email)
    owner = client_with_cookie()
    assert (is_known(stranger), is_known(owner)) == (False, True)
    clock.advance(days=1)
    prove(services, email, created_at=clock())
    assert is_known(owner)


def test_a_fresh_sign_up_loses_nothing(make_services):
    services = make_services(AUDITED)
    user, email = make_user(), make_email(user=None, verified=False)
    passcode = make_passcode(user=user, email=email)
    services.passcodes.finish(passcode.id, "123456", caller_id=None, client=CALLER)
    with services.database.connection():
        assert AuditLog.select().where(AuditLog.type == "earlier_logins_removed").count() == 0
        assert Email.get().user_id == user.id


def test_what_was_removed_is_told(make_services):
    services = make_services(AUDITED)
    email = squatted(address="jane@example.test")
    make_email(user=email.user_id, verified=False)
    prove(services, email)
    with services.database.connection():
        rows = {row.type: row for row in AuditLog.select()}
        told = [row.type for row in AuditLog.select()]
    assert told.count("webauthn_credential_deleted") == 2
    assert told.count("email_deleted") == 1
    assert {row.actor_email for row in rows.values()} == {"jane@example.test"}
    assert rows["earlier_logins_removed"].details == (
        '{"ceremonies":3,"credentials":2,"emails":1,"identities":2,"otp_secrets":1,"passcodes":1,"passwords":1,'
        '"sessions":1,"tokens":1,"trusted_devices":1}'
    )


def test_nothing_is_removed_where_the_proof_fails(services):
    email = squatted()
    before = left(services)
    passcode = make_passcode(user=email.user_id, email=email)
    assert kind(lambda: services.passcodes.finish(passcode.id, "0", caller_id=None, client=CALLER))
    assert left(services) == before | {Passcode: before[Passcode] + 1}
    other = make_user().id
    outcome(lambda: services.passcodes.finish(passcode.id, "123456", caller_id=other, client=CALLER))
    assert left(services) == before | {Passcode: before[Passcode] + 1}


def test_a_passcode_to_another_address_is_worth_nothing_any_more(services):
    email = make_account(verified=False)
    mine = make_email(user=email.user_id, verified=False)
    passcode = make_passcode(user=email.user_id, email=mine)
    prove(services, email)
    assert (
        kind(lambda: services.passcodes.finish(passcode.id, "123456", caller_id=None, client=CALLER))
        is PasscodeNotFound
    )


def test_a_challenge_to_another_address_ends(services):
    email = make_account(verified=False)

    def challenge(value):
        columns = {"type": "email_otp", "secret_hash": "", "status": "pending", "tries": 0}
        moments = {"expires_at": now() + timedelta(minutes=5), "created_at": now()}
        return store(Challenge, user=email.user_id, identifier_value=value, **columns, **moments)

    mine, theirs = challenge(email.address.upper()), challenge("mallory@example.test")
    prove(services, email)
    with services.database.connection():
        assert Challenge.get_by_id(mine.id).status == "pending"
        assert Challenge.get_by_id(theirs.id).status == "expired"


def test_a_password_that_is_hashed_during_the_proof_is_not_stored(services, monkeypatch):
    email = make_account(verified=False)
    session, real = signed_in(services, email.user_id), services.passwords._hasher.hash_password

    def hash_slowly(password, **options):
        prove(services, email)
        return real(password, **options)

    monkeypatch.setattr(services.passwords._hasher, "hash_password", hash_slowly)

    def set_password():
        return services.passwords.set(session, user_id=email.user_id, password="correct horse", client=CALLER)

    assert outcome(set_password) is SessionInvalid
    assert left(services) == {Session: 1}


def test_a_claim_is_noted_once_and_proved_once(services, clock):
    email, first = make_email(verified=False), clock()

    def note(moment):
        services.database.transaction(lambda: claims.create(email.id))
        services.database.transaction(lambda: claims.prove(email.id, now=moment))

    with services.database.connection():
        assert not claims.exists(email.id)
        assert not claims.is_proved(email)
    services.database.transaction(lambda: claims.create(email.id))
    with services.database.connection():
        assert claims.exists(email.id)
        assert not claims.is_proved(email)
    note(first)
    note(first + timedelta(days=1))
    with services.database.connection():
        assert claims.is_proved(email)
