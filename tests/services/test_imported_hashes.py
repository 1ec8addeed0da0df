"""Hashes that need a pepper, among as many as are looked at."""

import pytest

from hanko_compat.services.imported_hashes import Peppered, look_for_peppered
from hanko_compat.wiring import Services
from tests.factories import make_password
from tests.hashing.samples import DEVISE

BCRYPT = "$2a$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS"


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        (10, Peppered(3, 2, is_all=True)),
        (3, Peppered(3, 2, is_all=False)),
        (1, Peppered(1, 1, is_all=False)),
    ],
)
def test_as_many_are_looked_at_as_are_wanted(services: Services, sample: int, expected: Peppered) -> None:
    for hashed in (DEVISE[0][1], DEVISE[1][1], BCRYPT):
        make_password(password=hashed)
    found = look_for_peppered(services.database, sample=sample)
    assert (found.looked_at, found.is_all) == (expected.looked_at, expected.is_all)
    if sample >= 3:
        assert found.found == expected.found


def test_without_passwords_there_are_none(services: Services) -> None:
    assert look_for_peppered(services.database) == Peppered(0, 0, is_all=True)
