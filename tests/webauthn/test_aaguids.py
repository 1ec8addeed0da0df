from uuid import UUID

import pytest

from hanko_compat.webauthn.aaguids import NAMES, name_of


@pytest.mark.parametrize(
    ("aaguid", "name"),
    [
        ("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4", "Google Password Manager"),  # as the original shows it
        ("fbfc3007-154e-4ecc-8c0b-6e020557d7bd", "Apple Passwords"),
        ("bada5566-a7aa-401f-bd96-45619a55120d", "1Password"),
        ("b78a0a55-6ef8-d246-a042-ba0f6d55050c", "LastPass"),
    ],
)
def test_a_known_kind_has_a_name(aaguid, name):
    assert name_of(UUID(aaguid)) == name


def test_others_have_none():
    assert name_of(UUID(int=0)) is None


def test_names_fit_their_column():
    assert all(0 < len(name) <= 255 for name in NAMES.values())
