from uuid import UUID, uuid4

import pytest

from hanko_compat.storage.engine.database import IntegrityError
from hanko_compat.storage.models import (
    WebauthnCredential,
    WebauthnCredentialTransport,
    WebauthnCredentialUserHandle,
)
from hanko_compat.storage.passkeys import webauthn_credentials as rows
from tests.factories import make_credential, make_user
from tests.queries import assert_query_count


@pytest.fixture(autouse=True)
def connection(services):
    with services.database.connection():
        yield


def create(clock, credential_id="AbCd", **changes):
    facts = {"public_key": "key", "attestation_type": "none", "aaguid": UUID(int=0), "sign_count": 0}
    facts |= {"name": None, "backup_eligible": False, "backup_state": False, "transports": (), "now": clock()}
    rows.create(credential_id, **({"user_id": make_user().id} | facts | changes))


def test_a_passkey_is_written_and_found_with_one_query(clock):
    create(clock, transports=["usb", "nfc", "usb"], sign_count=2**32 - 1)
    with assert_query_count(1):
        found = rows.find("AbCd")
    assert (found.public_key, found.user_handle, found.mfa_only) == ("key", None, False)
    row = WebauthnCredential.get_by_id("AbCd")
    assert (row.sign_count, row.mfa_only, row.name) == (2**31 - 1, False, None)
    assert {each.name for each in WebauthnCredentialTransport.select()} == {"nfc", "usb"}


def test_a_user_handle_comes_along(clock):
    user = make_user()
    handle = WebauthnCredentialUserHandle.create(
        user=user, handle="foreign", created_at=clock(), updated_at=clock()
    )
    make_credential(id="AbCd", user=user, user_handle=handle)
    with assert_query_count(1):
        assert rows.find("AbCd").user_handle == "foreign"


def test_passkeys_of_a_user_share_a_handle(services, clock):
    user = make_user()
    for credential_id in ("one", "two"):
        create(clock, credential_id, user_id=user.id, user_handle="jane")
        assert rows.find(credential_id).user_handle == "jane"
    assert [row.user_id for row in WebauthnCredentialUserHandle.select()] == [user.id]
    with pytest.raises(IntegrityError), services.database.peewee.atomic():
        create(clock, "three", user_handle="jane")


def test_letters_of_another_case_are_another_id(clock):
    create(clock)
    assert rows.find("abcd") is None


def test_ids_are_unique(services, clock):
    create(clock)
    with pytest.raises(IntegrityError), services.database.peewee.atomic():
        create(clock)


def test_a_user_has_to_be_there(services, clock):
    with pytest.raises(IntegrityError), services.database.peewee.atomic():
        create(clock, user_id=uuid4())


def test_second_factors_are_no_passkeys():
    user = make_user()
    passkey = make_credential(user=user)
    make_credential(user=user, mfa_only=True)
    make_credential()
    assert rows.list_passkey_ids(user.id) == [passkey.id]
    assert rows.count_passkeys(user.id) == 1


@pytest.mark.parametrize(
    ("before", "sent", "is_used"),
    [
        (0, 0, True),
        (0, 1, True),
        (5, 6, True),
        (5, 5, False),
        (5, 4, False),
        (5, 0, False),
        (2**31 - 1, 2**31, True),
        (2**31 - 1, 2**32 - 1, True),
        (2**31 - 1, 2**31 - 1, False),
    ],
)
def test_a_sign_count_has_to_grow(clock, before, sent, is_used):
    row = make_credential(sign_count=before)
    clock.advance(minutes=1)
    for _ in range(1 if sent or not is_used else 2):  # twice in one second: the row does not change
        flags = {"backup_eligible": True, "backup_state": True}
        assert rows.update_use(row.id, sign_count=sent, now=clock(), **flags) is is_used
    after = WebauthnCredential.get_by_id(row.id)
    assert after.sign_count == (min(sent, 2**31 - 1) if is_used else before)
    assert (after.last_used_at is not None, after.backup_eligible, after.backup_state) == (is_used,) * 3


def test_a_name_is_changed(clock):
    row, other = make_credential(), make_credential()
    rows.update_name(row.id, name="new", now=clock())
    assert [WebauthnCredential.get_by_id(each.id).name for each in (row, other)] == ["new", None]


def test_a_credential_is_deleted_once():
    row, other = make_credential(), make_credential()
    assert [rows.delete(row.id), rows.delete(row.id)] == [True, False]
    assert [each.id for each in WebauthnCredential.select()] == [other.id]
