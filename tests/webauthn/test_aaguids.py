from uuid import UUID

from hanko_compat.webauthn.aaguids import NAMES, name_of


def test_a_known_kind_has_a_name():
    assert name_of(UUID("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4")) == "Google Password Manager"


def test_others_have_none():
    assert name_of(UUID(int=0)) is None


def test_names_fit_their_column():
    assert all(0 < len(name) <= 255 for name in NAMES.values())
