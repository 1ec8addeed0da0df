"""The flags BE and BS of a log-in replace the stored ones: part (b) of ``config-effects.tsv``.

Rows say "no" that mean "nobody asked": those from before the columns, and imported ones. A passkey of iCloud
says BS=0 until it was synchronised for the first time.
"""

import re
from datetime import UTC, datetime

import pytest

from hanko_compat.storage.models import WebauthnCredentialUserHandle
from tests.authenticator import BE, BS, UP, UV, Authenticator
from tests.factories import make_account, store
from tests.passkeys import Browser, bearer, make_passkey, rows, stored
from tests.services.passkeys.recorded_effects import Effect, effects

RECORDED = effects("(b)")
EVERY = [(eligible, state) for eligible in (False, True) for state in (False, True)]
OLD = datetime(2022, 6, 1, 12, 0, tzinfo=UTC)
# What the columns of a row hold, by how it came to be.
AGES = {
    "before the columns": {"attestation_type": "", "last_used_at": None, "name": None, "created_at": OLD},
    "imported": {"attestation_type": "none", "last_used_at": None, "name": "Old phone"},
    "new": {"name": "iCloud Keychain", "last_used_at": OLD},
}


def flags_of(eligible: bool, state: bool) -> int:
    return UP | UV | (BE if eligible else 0) | (BS if state else 0)


def pair(text: str) -> tuple[bool, bool]:
    """Two values of a row: ``true, false`` or ``BE 1, BS 0``."""
    first, second = re.findall(r"true|false|\b[01]\b", text)
    return first in ("true", "1"), second in ("true", "1")


def shown(browser: Browser) -> tuple[bool, bool]:
    (credential,) = browser.credentials()
    return credential["backup_eligible"], credential["backup_state"]


@pytest.mark.parametrize("is_named", [True, False])
@pytest.mark.parametrize("effect", RECORDED, ids=lambda effect: f"{effect.stored[-12:]} {effect.sent[-10:]}")
def test_the_columns_take_what_was_sent(services, client, effect: Effect, is_named):
    assert effect.endpoint == "POST /webauthn/login/finalize, options with and without user"
    eligible, state = pair(effect.stored.partition("backup_state ")[2])
    device, row = make_passkey(backup_eligible=eligible, backup_state=state)
    browser = Browser(client, bearer(services, row.user_id))
    assert shown(browser) == (eligible, state)
    options = browser.request_options(row.user_id if is_named else None)
    response = browser.log_in(device.get(options, flags=flags_of(*pair(effect.sent))))
    assert response.status_code == int(effect.status)
    after = stored(services, device)
    assert (after.backup_eligible, after.backup_state) == pair(effect.told.removeprefix("afterwards "))
    assert shown(browser) == pair(effect.told.removeprefix("afterwards "))


@pytest.mark.parametrize("is_named", [True, False])
@pytest.mark.parametrize("age", AGES)
@pytest.mark.parametrize("before", EVERY)
def test_rows_of_each_age_go_both_ways(services, client, age, before, is_named):
    eligible, state = before
    device, row = make_passkey(backup_eligible=eligible, backup_state=state, **AGES[age])
    browser = Browser(client)
    for sent in ((True, False), (True, True), (False, False), (True, True)):
        options = browser.request_options(row.user_id if is_named else None)
        response = browser.log_in(device.get(options, flags=flags_of(*sent)))
        assert response.json == {"credential_id": device.id, "user_id": str(row.user_id)}
        after = stored(services, device)
        assert (after.backup_eligible, after.backup_state) == sent
    assert (after.name, after.attestation_type) == (row.name, row.attestation_type)


def test_an_imported_passkey_with_a_handle_of_its_own(services, client):
    user_id, moment = make_account().user_id, services.now()
    handle = store(
        WebauthnCredentialUserHandle, user=user_id, handle="jane", created_at=moment, updated_at=moment
    )
    device, _ = make_passkey(Authenticator(user_handle=b"jane"), user=user_id, user_handle=handle)
    browser = Browser(client)
    response = browser.log_in(device.get(browser.request_options(), flags=flags_of(True, True)))
    assert response.status_code == 200
    after = stored(services, device)
    assert (after.backup_eligible, after.backup_state) == (True, True)


@pytest.mark.parametrize("is_named", [True, False])
@pytest.mark.parametrize("before", EVERY)
def test_backed_up_without_being_eligible_proves_nothing(services, client, before, is_named):
    """Such an authenticator is broken (WebAuthn s. 6.1.3), whatever is stored of it."""
    device, row = make_passkey(backup_eligible=before[0], backup_state=before[1])
    browser, counts = Browser(client), rows(services)
    options = browser.request_options(row.user_id if is_named else None)
    response = browser.log_in(device.get(options, flags=flags_of(False, True)))
    assert (response.status_code, response.json["message"]) == (401, "failed to validate assertion")
    after = stored(services, device)
    assert (after.backup_eligible, after.backup_state, after.last_used_at) == (*before, None)
    assert rows(services) == counts


@pytest.mark.parametrize("fault", [{"signed": lambda _: b"x"}, {"flags": 0}, {"origin": "http://evil.test"}])
def test_a_refused_log_in_leaves_the_columns(services, client, fault):
    device, row = make_passkey(backup_eligible=True, backup_state=True)
    browser = Browser(client)
    response = browser.log_in(device.get(browser.request_options(row.user_id), **{"flags": UP | UV} | fault))
    assert response.status_code == 401
    after = stored(services, device)
    assert (after.backup_eligible, after.backup_state) == (True, True)
