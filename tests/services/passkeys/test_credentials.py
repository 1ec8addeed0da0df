import pytest

from hanko_compat.errors.passkeys import CredentialNotFound, PasskeysDisabled
from hanko_compat.storage.models import AuditLog
from tests.calls import CALLER
from tests.factories import make_account, make_credential

AUDITED = {"audit_log.storage.enabled": True, "audit_log.mask": False}


def audited(services):
    with services.database.connection():
        return [(row.type, row.error, row.actor_user_id, row.actor_email) for row in AuditLog.select()]


def test_passkeys_can_be_switched_off(make_services):
    make_services().passkeys.credentials.check_enabled()
    with pytest.raises(PasskeysDisabled):
        make_services({"passkey.enabled": False}).passkeys.credentials.check_enabled()


def test_changes_are_audited_with_the_address_of_the_user(make_services):
    services, email = make_services(AUDITED), make_account()
    row = make_credential(user=email.user_id)
    services.passkeys.credentials.rename(email.user_id, row.id, "new", client=CALLER)
    services.passkeys.credentials.delete(email.user_id, row.id, client=CALLER)
    with services.database.connection():
        assert {row.details for row in AuditLog.select()} == {"null"}  # as the original
    who = (None, email.user_id, email.address)
    assert sorted(audited(services)) == [
        ("webauthn_credential_deleted", *who),
        ("webauthn_credential_updated", *who),
    ]


def test_what_is_refused_is_not_audited(make_services):
    services, row = make_services(AUDITED), make_credential()
    stranger = make_account().user_id
    for change in (
        lambda: services.passkeys.credentials.rename(stranger, row.id, "new", client=CALLER),
        lambda: services.passkeys.credentials.delete(stranger, row.id, client=CALLER),
    ):
        with pytest.raises(CredentialNotFound):
            change()
    assert audited(services) == []
    assert [each.credential.name for each in services.passkeys.credentials.list(row.user_id)] == [None]
