from datetime import timedelta
from uuid import uuid4

import pytest

from hanko_compat.errors.users import UserNotFound
from hanko_compat.storage.models import (
    Email,
    Identity,
    OtpSecret,
    PrimaryEmail,
    User,
    UserMetadata,
    Username,
    WebauthnCredential,
    WebauthnCredentialTransport,
)
from tests.queries import assert_query_count


def populate(services, *, addresses=2, passkeys=2):
    """A user with several rows of every kind; the first address is the primary one."""
    now = services.now()
    times = {"created_at": now, "updated_at": now}
    with services.database.connection():
        user = User.create(name="Alice", **times)
        for number in range(addresses):
            later = {"created_at": now + timedelta(minutes=number), "updated_at": now}
            email = Email.create(user=user, address=f"a{number}@example.test", verified=True, **later)
            if number == 0:
                PrimaryEmail.create(user=user, email=email, **times)
                Identity.create(provider_user_id="sub", provider_id="google", email=email, **times)
        for number in range(passkeys):
            later = {"created_at": now + timedelta(minutes=number), "updated_at": now}
            key = WebauthnCredential.create(
                id=f"key-{number}", user=user, public_key="cose", attestation_type="none", aaguid=uuid4(),
                sign_count=number, mfa_only=number == 1, **later,
            )  # fmt: skip
            for name in ("usb", "internal"):
                WebauthnCredentialTransport.create(id=uuid4().hex, name=name, webauthn_credential=key)
        Username.create(user=user, username="alice", **times)
        OtpSecret.create(user=user, secret="JBSWY3DPEHPK3PXP", **times)
        UserMetadata.create(
            user=user, public_metadata='{"plan": "pro"}', private_metadata='{"crm": 1}', **times
        )
    return user.id


def test_a_profile_has_everything_that_belongs_to_the_user(services):
    profile = services.users.accounts.profile(populate(services))
    assert (profile.user.name, profile.username.username) == ("Alice", "alice")
    assert [email.address for email in profile.emails] == ["a0@example.test", "a1@example.test"]
    assert [email.is_primary for email in profile.emails] == [True, False]
    assert profile.email == "a0@example.test"
    assert [one.credential.id for one in profile.passkeys] == ["key-0"]
    assert [one.credential.id for one in profile.security_keys] == ["key-1"]
    assert profile.passkeys[0].transports == ("internal", "usb")
    assert profile.mfa_config.auth_app_set_up is True
    assert profile.metadata.public_metadata == {"plan": "pro"}
    assert profile.metadata.unsafe_metadata is None


def test_an_old_identity_is_found_by_its_address(services):
    profile = services.users.accounts.profile(populate(services))
    assert [identity.provider for identity in profile.identities] == ["Google"]
    assert profile.emails[0].identity == profile.identities[0]
    assert profile.emails[1].identity is None


@pytest.mark.parametrize("many", [2, 5])
def test_the_number_of_queries_does_not_grow_with_the_rows(services, many):
    user_id = populate(services, addresses=many, passkeys=many)
    with services.database.connection(), assert_query_count(4):
        services.users.accounts.profile(user_id)


def test_a_bare_user_has_a_bare_profile(services):
    with services.database.connection():
        user = User.create(created_at=services.now(), updated_at=services.now())
    profile = services.users.accounts.profile(user.id)
    assert (profile.emails, profile.credentials, profile.identities) == ((), (), ())
    assert (profile.email, profile.username, profile.metadata) == (None, None, None)
    assert profile.mfa_config.auth_app_set_up is False


@pytest.mark.parametrize("parts", [{}, {"private_metadata": '{"crm": 1}'}])
def test_private_metadata_alone_is_no_metadata(services, parts):
    with services.database.connection():
        times = {"created_at": services.now(), "updated_at": services.now()}
        user = User.create(**times)
        UserMetadata.create(user=user, **parts, **times)
    assert services.users.accounts.profile(user.id).metadata is None


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"mfa.enabled": False}, (False, False)),
        ({"mfa.enabled": True}, (True, True)),
        ({"mfa.enabled": True, "mfa.totp.enabled": False}, (False, True)),
        ({"mfa.enabled": True, "mfa.security_keys.enabled": False}, (True, False)),
    ],
)
def test_second_factors_are_those_of_the_configuration(make_services, settings, expected):
    services = make_services(settings)
    mfa = services.users.accounts.profile(populate(services)).mfa_config
    assert (mfa.totp_enabled, mfa.security_keys_enabled) == expected


def test_nobody_has_no_profile(services):
    with pytest.raises(UserNotFound):
        services.users.accounts.profile(uuid4())
