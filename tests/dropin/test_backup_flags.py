"""Passkeys that Hanko stored or imported log in with any flags, even with rows from before these columns."""

from typing import Any

import pytest

from tests.authenticator import BE, BS, UP, UV, Authenticator
from tests.dropin.dump import Dump
from tests.dropin.house import House
from tests.passkeys import Browser

pytestmark = pytest.mark.servers

# As after the migration that made the columns: nobody had asked an authenticator yet.
BEFORE_THE_COLUMNS = (
    "UPDATE webauthn_credentials"
    " SET backup_eligible = DEFAULT, backup_state = DEFAULT, last_used_at = NULL, name = NULL"
)


def devices(dump: Dump) -> list[tuple[str, Authenticator]]:
    """Every passkey of the dump, with the id of its user; the last use of each left its own flags."""
    return [(user["id"], device) for name, user in dump.users.items() for device in dump.devices(name)]


def stored(house: House, device: Authenticator) -> tuple[bool, bool]:
    row: dict[str, Any]
    (row,) = house.dump.execute(
        "SELECT backup_eligible, backup_state FROM webauthn_credentials WHERE id = %s", (device.id,)
    )
    return bool(row["backup_eligible"]), bool(row["backup_state"])


def test_flags_of_backups_are_taken_as_sent(house: House) -> None:
    found, browser = devices(house.dump), Browser(house.client)
    assert {stored(house, device) for _, device in found} == {(False, False), (True, True)}
    assert {device.sign_count > 0 for _, device in found} == {False, True}
    for before in ("as Hanko left it", BEFORE_THE_COLUMNS):
        if before == BEFORE_THE_COLUMNS:
            house.dump.execute(before)
            assert {stored(house, device) for _, device in found} == {(False, False)}
        for user_id, device in found:
            for flags, is_named in ((BE, True), (BE | BS, False), (0, True), (BE | BS, True), (BE, False)):
                device.flags = 0
                options = browser.request_options(user_id if is_named else None)
                response = browser.log_in(device.get(options, flags=UP | UV | flags))
                assert response.json == {"credential_id": device.id, "user_id": user_id}
                assert stored(house, device) == (bool(flags & BE), bool(flags & BS))
