"""The fixtures keep their promises."""

import socket

import pytest

from hanko_compat.storage.models import Jwk, User
from hanko_compat.wiring import Services
from tests.factories import make_user
from tests.network import OutsideWorld


@pytest.mark.parametrize("attempt", ["first", "second"])
def test_each_test_has_an_empty_database(services: Services, attempt: str) -> None:
    with services.database.connection():
        assert [row.id for row in Jwk.select()] == [1]
        assert User.select().count() == 0
        make_user()
        Jwk.update(key_data="spoilt").execute()


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.com", 80), ("2001:db8::1", 80, 0, 0)])
def test_the_outside_world_cannot_be_reached(address: tuple[object, ...]) -> None:
    family = socket.AF_INET6 if len(address) == 4 else socket.AF_INET
    with socket.socket(family) as outgoing, pytest.raises(OutsideWorld):
        outgoing.connect(address)
