"""New accounts at providers are linked with the users of their addresses, and with nobody else."""

from dataclasses import replace

import pytest

from hanko_compat.errors.third_party import EmailUnverified, LinkingNotAllowed
from hanko_compat.errors.users import SignUpDisabled
from hanko_compat.storage.models import (
    Identity,
    OtpSecret,
    PasswordCredential,
    PrimaryEmail,
    SamlIdentity,
    Session,
    Token,
    WebauthnCredential,
)
from tests.calls import CALLER
from tests.factories import (
    make_account,
    make_credential,
    make_email,
    make_identity,
    make_otp_secret,
    make_passcode,
    make_password,
    make_session,
    make_token,
    make_user,
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

UNVERIFIED = alice(is_email_verified=False)


def test_an_account_is_linked_with_the_user_of_its_address(make_services):
    services = make_services(AUDITED)
    account = make_account(address=ADDRESS)
    make_password(user=account.user_id)
    assert entered(services, alice(**NAMED)) == account.user_id
    assert counts(services) == ONE_OF_EACH
    assert profile(services, account.user_id) == NAMED
    row = only(services, Identity)
    assert (row.user_id, row.email_id) == (account.user_id, account.id)
    assert only(services, PasswordCredential).user_id == account.user_id
    assert only(services, Token).user_created is False
    assert audited(services) == [("thirdparty_linking_succeeded", None, account.user_id, ADDRESS, "null")]


def test_linking_to_a_secondary_address_leaves_the_primary_one(services):
    account = make_account()
    make_email(user=account.user_id, address=ADDRESS)
    assert entered(services) == account.user_id
    login = services.tokens.exchange(only(services, Token).value, client=CALLER)
    assert services.sessions.live.inspect(login.session.token).email["address"] == account.address


def test_several_accounts_are_linked_with_one_user(services):
    account = make_account(address=ADDRESS)
    visitors = [ALICE, alice(subject="alice-2"), alice(provider_id="google")]
    assert {entered(services, visitor) for visitor in visitors} == {account.user_id}
    assert counts(services)["Identity"] == 3
    assert {entered(services, visitor) for visitor in visitors} == {account.user_id}
    assert counts(services)["Identity"] == 3


def test_a_provider_may_be_one_that_is_not_linked(services):
    make_account(address=ADDRESS)
    before = counts(services)
    assert enter(services, rules=STRICT) is LinkingNotAllowed
    assert counts(services) == before


@pytest.mark.parametrize("rules", [RULES, STRICT, LENIENT], ids=["verification", "strict", "none"])
@pytest.mark.parametrize("is_verified", [True, False])
def test_an_unverified_address_is_never_linked(services, rules, is_verified):
    """Attack 21, whatever `email.require_verification` says."""
    make_account(address=ADDRESS, verified=is_verified)
    before = counts(services)
    assert enter(services, UNVERIFIED, rules) is EmailUnverified
    assert counts(services) == before


def squatted(**changes):
    """What somebody leaves in an account that was made with Alice's address."""
    email = make_account(**{"address": ADDRESS, "verified": False} | changes)
    make_password(user=email.user_id)
    make_credential(user=email.user_id)
    make_session(user=email.user_id)
    make_otp_secret(user=email.user_id)
    make_passcode(user=email.user_id, email=email)
    identity = make_identity(email=email, provider_id="google", provider_user_id="mallory")
    make_token(identity=identity, value="mallory")
    return email


LEFT = (PasswordCredential, WebauthnCredential, Session, OtpSecret)


def test_of_an_account_that_nobody_has_proved_nothing_is_left(make_services):
    """Attack 21: somebody has signed up with Alice's address before her."""
    services = make_services(AUDITED)
    email = squatted()
    assert entered(services) == email.user_id
    with services.database.connection():
        assert [table.select().count() for table in LEFT] == [0] * len(LEFT)
        assert [row.provider_user_id for row in Identity.select()] == ["alice-1"]
        assert [row.value == "mallory" for row in Token.select()] == [False]
    assert addresses(services, email.user_id) == {ADDRESS: (True, True)}
    assert {type_ for type_, *_ in audited(services)} == {
        "webauthn_credential_deleted",
        "earlier_logins_removed",
        "email_verified",
        "thirdparty_linking_succeeded",
    }
    mallory = alice(provider_id="google", subject="mallory", is_email_verified=False)
    assert enter(services, mallory) is EmailUnverified
    # Once proved, the next account takes nothing away.
    make_password(user=email.user_id)
    entered(services, alice(provider_id="google", subject="alice-of-google"))
    assert only(services, PasswordCredential).user_id == email.user_id


def test_an_account_that_nobody_has_proved_is_linked_by_its_primary_address_only_if_that_is_allowed(services):
    email = squatted()
    before = counts(services)
    assert enter(services, rules=STRICT) is LinkingNotAllowed
    assert counts(services) == before
    assert addresses(services, email.user_id) == {ADDRESS: (False, True)}


@pytest.mark.parametrize("rules", [RULES, STRICT], ids=["linking", "strict"])
def test_an_address_that_somebody_only_claims_is_taken_from_them(make_services, rules):
    """Its account has an owner, who has proved another address: neither gets the other's account."""
    services = make_services(AUDITED)
    owner = make_account()
    make_email(user=owner.user_id, address=ADDRESS, verified=False)
    make_password(user=owner.user_id)
    user_id = entered(services, rules=rules)
    assert user_id != owner.user_id
    assert addresses(services, user_id) == {ADDRESS: (True, True)}
    assert addresses(services, owner.user_id) == {owner.address: (True, True)}
    assert only(services, PasswordCredential).user_id == owner.user_id
    assert {type_ for type_, *_ in audited(services)} == {"email_deleted", "thirdparty_signup_succeeded"}


def test_it_stays_theirs_where_nobody_may_sign_up(make_services):
    services = make_services({"account.allow_signup": False})
    owner = make_account()
    make_email(user=owner.user_id, address=ADDRESS, verified=False)
    assert enter(services) is SignUpDisabled
    assert ADDRESS in addresses(services, owner.user_id)


def test_a_user_without_a_primary_address_gets_one(services):
    user = make_user()
    email = make_email(user=user.id, address=ADDRESS, verified=False)
    assert entered(services) == user.id
    assert addresses(services, user.id) == {ADDRESS: (True, True)}
    assert only(services, PrimaryEmail).email_id == email.id


# SAML

CORP = replace(RULES, saml_domain="example.test")
ISSUER = "https://idp.example.test/metadata"


def saml(subject="alice-1", **changes):
    return alice(provider_id=ISSUER, subject=subject, **changes)


def domains(services):
    with services.database.connection():
        rows = SamlIdentity.select(SamlIdentity, Identity).join(Identity)
        return sorted((row.identity.provider_user_id, row.domain) for row in rows)


def test_an_account_of_a_company_has_a_domain(services):
    user_id = entered(services, saml(), CORP)
    assert domains(services) == [("alice-1", "example.test")]
    assert entered(services, saml(), CORP) == user_id
    assert domains(services) == [("alice-1", "example.test")]


def test_a_second_account_of_the_domain_takes_the_place_of_the_first(services):
    user_id = entered(services, saml(), CORP)
    assert entered(services, saml("alice-2"), CORP) == user_id
    assert domains(services) == [("alice-2", "example.test")]
    assert counts(services)["Identity"] == 1


def test_one_of_another_domain_and_other_providers_accounts_stay(services):
    user_id = entered(services, ALICE)
    assert entered(services, saml(), CORP) == user_id
    other = replace(saml("alice-2"), provider_id="https://other.example.test")
    assert entered(services, other, replace(CORP, saml_domain="other.test")) == user_id
    assert domains(services) == [("alice-1", "example.test"), ("alice-2", "other.test")]
    assert counts(services)["Identity"] == 3


def test_others_of_the_company_stay(services):
    entered(services, saml(), CORP)
    entered(services, saml("bob", email="bob@example.test"), CORP)
    make_account(address="carol@example.test")
    entered(services, saml("carol", email="carol@example.test"), CORP)
    assert [subject for subject, _ in domains(services)] == ["alice-1", "bob", "carol"]
