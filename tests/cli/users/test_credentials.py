"""``users passkeys`` and ``delete-passkey``."""

import json
from uuid import UUID

from hanko_compat.storage.models import WebauthnCredential
from tests.cli.terminal import run
from tests.factories import make_credential

ICLOUD_KEYCHAIN = UUID("fbfc3007-154e-4ecc-8c0b-6e020557d7bd")


def test_passkeys_and_security_keys_are_listed(config, alice):
    make_credential()
    make_credential(user=alice, id="first", name="Laptop", aaguid=ICLOUD_KEYCHAIN, backup_state=True)
    make_credential(user=alice, id="second", mfa_only=True, transports=("nfc", "usb"))
    rows = [
        json.loads(line)
        for line in run("users", "passkeys", str(alice), "--json", *config).stdout.splitlines()
    ]
    assert [(row["id"], row["use"], row["name"]) for row in rows] == [
        ("first", "passkey", "Laptop"),
        ("second", "second factor", None),
    ]
    assert (rows[0]["authenticator"], rows[0]["is_backed_up"]) == ("iCloud Keychain", True)
    assert rows[1]["transports"] == ["nfc", "usb"]
    lines = run("users", "passkeys", str(alice), *config).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["ID", "first", "second"]


def test_a_user_without_passkeys(config, alice):
    result = run("users", "passkeys", str(alice), *config)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "the user has no passkey\n")


def test_a_passkey_is_deleted_and_none_of_others(config, services, alice, audited):
    make_credential(user=alice, id="lost")
    make_credential(id="of-another")
    refused = run("users", "delete-passkey", str(alice), "of-another", "--yes", *config)
    assert refused.exit_code == 3
    result = run("users", "delete-passkey", str(alice), "lost", "--yes", *config)
    assert (result.exit_code, result.stdout) == (0, f"user {alice}: the passkey lost is deleted\n")
    with services.database.connection():
        assert [row.id for row in WebauthnCredential.select()] == ["of-another"]
    assert [type_ for type_, _ in audited(alice)] == ["webauthn_credential_deleted"]
