"""Users of providers come in: sign-up, log-in, linking, and what each of them leaves in the tables."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from hanko_compat.errors.third_party import EmailUnverified, ProviderUserInvalid
from hanko_compat.errors.users import SignUpDisabled, UserBlocked
from hanko_compat.services.tokens import TTL
from hanko_compat.storage.models import (
    Email,
    Identity,
    PrimaryEmail,
    Token,
    User,
    UserState,
)
from tests.calls import CALLER, outcome
from tests.factories import (
    make_account,
    make_email,
    make_identity,
    now,
    store,
)
from tests.services.identities.visitors import (
    ADDRESS,
    ALICE,
    AUDITED,
    LENIENT,
    NAMED,
    ONE_OF_EACH,
    RULES,
    STRICT,
    addresses,
    alice,
    audited,
    counts,
    enter,
    entered,
    only,
    profile,
)

NOTHING = dict.fromkeys(ONE_OF_EACH, 0)
UNVERIFIED = alice(is_email_verified=False)


# Sign-up


def test_a_new_user_is_written_as_the_original_writes_it(make_services, clock):
    services = make_services(AUDITED)
    value = enter(services, alice(**NAMED))
    user, email = only(services, User), only(services, Email)
    identity, token = only(services, Identity), only(services, Token)
    assert counts(services) == ONE_OF_EACH
    assert profile(services, user.id) == NAMED
    assert (email.user_id, email.address, email.verified) == (user.id, ADDRESS, True)
    assert only(services, PrimaryEmail).email_id == email.id
    assert (identity.provider_id, identity.provider_user_id) == ("custom_stub", "alice-1")
    assert (identity.user_id, identity.email_id) == (user.id, email.id)
    assert identity.data == '{"email":"alice@example.test","email_verified":true,"sub":"alice-1"}'
    assert (token.value, token.user_id, token.identity_id) == (value, user.id, identity.id)
    assert (token.is_flow, token.user_created, token.link_user) == (False, True, False)
    assert token.code_verifier is None
    assert token.expires_at - token.created_at == TTL == timedelta(seconds=60)
    assert audited(services) == [("thirdparty_signup_succeeded", None, user.id, ADDRESS, "null")]


def test_a_code_verifier_is_kept_with_the_token(services):
    services.identities.enter(ALICE, RULES, client=CALLER, code_verifier="verifier")
    assert only(services, Token).code_verifier == "verifier"


def test_the_token_is_a_session_of_the_new_user(services):
    login = services.tokens.exchange(enter(services), client=CALLER)
    info = services.sessions.live.inspect(login.session.token)
    assert info.email == {"address": ADDRESS, "is_primary": True, "is_verified": True}


@pytest.mark.parametrize("rules", [RULES, STRICT, LENIENT], ids=["linking", "strict", "lenient"])
def test_new_users_are_refused_where_sign_up_is_off(make_services, rules):
    services = make_services({"account.allow_signup": False})
    assert enter(services, rules=rules) is SignUpDisabled
    make_email(user=None, address=ADDRESS, verified=False)
    before = counts(services)
    assert enter(services, rules=rules) is SignUpDisabled
    assert counts(services) == before


def test_an_address_that_waits_for_its_owner_becomes_the_new_users(services):
    waiting = make_email(user=None, address=ADDRESS, verified=False)
    user_id = entered(services)
    email = only(services, Email)
    assert (email.id, email.user_id, email.verified) == (waiting.id, user_id, True)
    assert addresses(services, user_id) == {ADDRESS: (True, True)}


@pytest.mark.parametrize("is_waiting", [True, False])
def test_without_verification_an_unverified_address_signs_up_as_everywhere(services, is_waiting):
    if is_waiting:
        make_email(user=None, address=ADDRESS, verified=False)
    user_id = entered(services, UNVERIFIED, LENIENT)
    assert addresses(services, user_id) == {ADDRESS: (False, True)}


@pytest.mark.parametrize("email", [ADDRESS, None, "no address"])
def test_who_is_not_vouched_for_signs_up_nowhere_else(services, email):
    if email != "no address":
        assert enter(services, alice(email=email, is_email_verified=False)) is EmailUnverified
    assert counts(services) == NOTHING


@pytest.mark.parametrize(
    "changes",
    [
        {"email": None},
        {"email": ""},
        {"email": "nobody"},
        {"email": "a@b@example.test"},
        {"email": "Alice <alice@example.test>"},
        {"email": "alice@example.test\r\nBcc: bob@example.test"},
        {"email": "\u212aelvin@example.test"},
        {"email": f"{'a' * 300}@example.test"},
        {"email": "nul\0@example.test"},
        {"subject": ""},
        {"subject": "x" * 256},
        {"subject": "nul\0"},
        {"subject": "\ud800"},
        {"provider_id": "https://idp.example.test/" + "x" * 255},
        {"provider_id": ""},
        {"name": "x" * 256},
        {"given_name": "x" * 256},
        {"family_name": "x" * 256},
        {"name": "nul\0"},
        {"claims": {"sub": "alice-1", "more": "x" * 70_000}},
    ],
    ids=lambda changes: f"{next(iter(changes))}={str(next(iter(changes.values())))[:12]!r}",
)
@pytest.mark.parametrize("rules", [RULES, LENIENT], ids=["verification", "none"])
@pytest.mark.every_case
def test_what_can_not_be_stored_is_refused(services, changes, rules):
    assert enter(services, alice(**changes), rules) is ProviderUserInvalid
    assert counts(services) == NOTHING


@pytest.mark.parametrize("length", [20, 100])
def test_an_address_may_be_as_long_as_the_configuration_says(make_services, length):
    services = make_services({"email.max_length": length})
    user = alice(email=f"{'a' * 20}@example.test")
    assert (enter(services, user) is ProviderUserInvalid) is (length == 20)


def test_addresses_are_stored_in_lower_case(services):
    user_id = entered(services, alice(email="Alice@Example.TEST"))
    assert addresses(services, user_id) == {ADDRESS: (True, True)}
    assert entered(services, alice(email="ALICE@EXAMPLE.TEST")) == user_id
    assert counts(services)["Email"] == 1


def test_claims_keep_their_letters_and_what_no_text_is_gets_escaped(services):
    custom = {"odd": "\ud800\0", "number": 1, "list": [None]}
    claims = {"sub": "alice-1", "name": "Ålice", "custom_claims": custom}
    entered(services, alice(claims=claims))
    data = only(services, Identity).data
    assert json.loads(data) == claims
    entered(services, alice(claims={"name": "Ålice", "sub": "alice-1"}))
    assert only(services, Identity).data == '{"name":"Ålice","sub":"alice-1"}'


def test_a_picture_that_is_too_long_is_left_out(services):
    user_id = entered(services, alice(**NAMED | {"picture": "https://a.test/" + "x" * 70_000}))
    assert profile(services, user_id) == NAMED | {"picture": None}


# Log-in


def test_a_known_account_logs_in(make_services, clock):
    services = make_services(AUDITED)
    user_id, identity = entered(services), only(services, Identity)
    clock.advance(hours=1)
    changed = alice(claims={"sub": "alice-1", "locale": "de"}, **NAMED)
    assert entered(services, changed) == user_id
    assert counts(services) == ONE_OF_EACH | {"Token": 2}
    row = only(services, Identity)
    assert (row.id, row.created_at, row.email_id) == (identity.id, identity.created_at, identity.email_id)
    assert row.data == '{"locale":"de","sub":"alice-1"}'
    assert row.updated_at - identity.updated_at == timedelta(hours=1)
    assert audited(services)[1:] == [("thirdparty_signin_succeeded", None, user_id, ADDRESS, "null")]
    with services.database.connection():
        assert [row.user_created for row in Token.select().order_by(Token.created_at)] == [True, False]


def test_names_are_overwritten_by_others_and_never_by_nothing(services):
    user_id = entered(services, alice(**NAMED))
    entered(services, alice(name="Alice Other"))
    assert profile(services, user_id) == NAMED | {"name": "Alice Other"}


def test_sign_up_being_off_stops_no_log_in(make_services):
    user_id = entered(make_services())
    closed = make_services({"account.allow_signup": False})
    assert entered(closed) == user_id
    assert entered(closed, alice(subject="alice-2")) == user_id  # linked


def test_accounts_are_known_by_provider_and_subject(services):
    """Nothing else of them counts: not the address, nor what another provider calls its own accounts."""
    user_id = entered(services)
    other = alice(email="bob@example.test", provider_id="custom_other")
    assert entered(services, other) != user_id
    assert entered(services, alice(provider_id="https://idp.example.test", email="c@example.test")) != user_id
    assert entered(services) == user_id


@pytest.mark.parametrize("subject", ["ALICE-1", "alice-1 ", "álice-1"])
def test_subjects_are_compared_letter_by_letter(services, subject):
    """Collations of MySQL and MariaDB take them for equal."""
    user_id = entered(services)
    result = enter(services, alice(subject=subject, email="other@example.test"))
    if result is not ProviderUserInvalid:  # on a table of Hanko's there can be only one
        with services.database.connection():
            assert Token.get(Token.value == result).user_id != user_id


def test_an_account_that_is_known_needs_a_verified_address_too(services):
    entered(services, alice(**NAMED))
    before = counts(services), only(services, Identity).data
    assert enter(services, replace(UNVERIFIED, name="Mallory", claims={})) is EmailUnverified
    assert (counts(services), only(services, Identity).data) == before


def test_microsoft_says_once_that_an_address_is_verified(services):
    microsoft = {"provider_id": "microsoft"}
    assert enter(services, replace(UNVERIFIED, **microsoft)) is EmailUnverified
    user_id = entered(services, alice(**microsoft))
    assert entered(services, replace(UNVERIFIED, **microsoft)) == user_id
    other = replace(UNVERIFIED, email="bob@example.test", **microsoft)
    assert entered(services, other) == user_id
    assert addresses(services, user_id) == {ADDRESS: (True, True)}


def test_an_old_row_without_a_user_is_found_by_its_address(services):
    account = make_account(address=ADDRESS)
    identity = make_identity(email=account, user=None, provider_id="custom_stub", provider_user_id="alice-1")
    assert entered(services) == account.user_id
    row = only(services, Identity)
    assert (row.id, row.user_id) == (identity.id, account.user_id)


def test_a_row_that_belongs_to_nobody_any_more_is_used_again(services):
    waiting = make_email(user=None, address="old@example.test", verified=False)
    identity = make_identity(email=waiting, user=None, provider_id="custom_stub", provider_user_id="alice-1")
    user_id = entered(services)
    row = only(services, Identity)
    assert (row.id, row.user_id) == (identity.id, user_id)


@pytest.mark.parametrize("status", ["disabled", "pending"])
def test_a_blocked_user_gets_no_session(services, status):
    user_id = entered(services)
    store(UserState, user=user_id, status=status, created_at=now())
    value = enter(services)
    assert outcome(lambda: services.tokens.exchange(value, client=CALLER)) is UserBlocked


def test_without_its_address_the_account_is_gone_and_comes_back_as_another_user(services):
    user_id = entered(services)
    other = make_email(user=user_id)
    with services.database.connection():
        PrimaryEmail.update(email=other.id).execute()
        Email.delete().where(Email.address == ADDRESS).execute()
    assert counts(services)["Identity"] == 0
    assert entered(services) != user_id
