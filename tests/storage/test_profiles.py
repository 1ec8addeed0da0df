from datetime import timedelta
from uuid import uuid4

import pytest

from hanko_compat.storage import profiles
from hanko_compat.storage.emails import emails, primary_emails
from hanko_compat.storage.models import Email, Identity, SamlIdentity, Username, WebauthnCredential
from hanko_compat.storage.users import users


@pytest.fixture(autouse=True)
def connection(services):
    with services.database.connection():
        yield


@pytest.fixture
def user_id(connection, clock):
    new = uuid4()
    users.create(new, now=clock())
    return new


def add_key(user_id, clock, *, mfa_only=False):
    key = WebauthnCredential.create(
        id=uuid4().hex, user=user_id, public_key="cose", attestation_type="none", aaguid=uuid4(),
        sign_count=0, mfa_only=mfa_only, created_at=clock(), updated_at=clock(),
    )  # fmt: skip
    return key.id


def test_nobody_is_not_found(clock):
    assert profiles.find_user(uuid4()) is None
    assert profiles.list_emails(uuid4()) == []
    assert profiles.list_credentials(uuid4()) == []
    assert profiles.list_identities(uuid4()) == []


@pytest.mark.parametrize("name", ["alice", "", None])
def test_a_row_of_usernames_without_one_is_none(user_id, clock, name):
    Username.create(user=user_id, username=name, created_at=clock(), updated_at=clock())
    shown = profiles.find_user(user_id).username
    assert (shown is None) == (name is None)


def test_addresses_and_keys_come_oldest_first(user_id, clock):
    names, keys = [], []
    for number in range(3):
        clock.advance(seconds=-10)
        names.append(f"a{number}@example.test")
        email_id = emails.create(names[-1], user_id=user_id, now=clock())
        keys.append(add_key(user_id, clock))
    primary_emails.create(user_id=user_id, email_id=email_id, now=clock())
    listed = profiles.list_emails(user_id)
    assert [email.address for email, _ in listed] == names[::-1]
    assert [is_primary for _, is_primary in listed] == [True, False, False]
    assert [key.id for key, _ in profiles.list_credentials(user_id)] == keys[::-1]


def test_identities_are_found_by_user_or_address_and_once_each(user_id, clock):
    email_id = emails.create("alice@example.test", user_id=user_id, now=clock())
    found, by_user, by_address = [], {"user": user_id}, {"email": email_id}
    for number, owner in enumerate((by_user, by_address, by_user | by_address)):
        time = clock() + timedelta(seconds=number)
        row = Identity.create(
            provider_user_id=str(number), provider_id="google", created_at=time, updated_at=time, **owner
        )
        found.append(row)
    SamlIdentity.create(identity=found[2], domain="corp.example.test", created_at=clock(), updated_at=clock())
    listed = profiles.list_identities(user_id)
    assert [(row.id, domain) for row, domain in listed] == [
        (found[0].id, None), (found[1].id, None), (found[2].id, "corp.example.test"),
    ]  # fmt: skip


@pytest.mark.parametrize(("mfa_only", "has_passkey"), [(None, False), (True, False), (False, True)])
def test_a_look_up_tells_of_passkeys_that_log_in(user_id, clock, mfa_only, has_passkey):
    emails.create("alice@example.test", user_id=user_id, now=clock())
    if mfa_only is not None:
        add_key(user_id, clock, mfa_only=mfa_only)
    assert profiles.look_up("alice@example.test").has_passkey is has_passkey


def test_a_look_up_finds_no_address_without_a_user(clock):
    emails.create("alice@example.test", user_id=None, now=clock())
    assert profiles.look_up("alice@example.test") is None
    assert Email.select().count() == 1
