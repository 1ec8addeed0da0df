"""The fixtures keep their promises."""

import socket
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import pytest

from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.models import Jwk, User
from hanko_compat.wiring import Services
from tests.databases import DatabaseMaker, ServerMaker
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


@pytest.mark.parametrize("attempt", ["first", "second"])
def test_no_statement_of_a_test_before_goes_on(
    database_maker: DatabaseMaker, tmp_path: Path, attempt: str
) -> None:
    """As one does whose process was killed."""
    if not isinstance(database_maker, ServerMaker):
        return
    url = database_maker.fresh_url(tmp_path)
    database = open_database(url)
    statement = "SELECT pg_sleep(300)" if database.dialect == "postgres" else "SELECT SLEEP(300) FROM jwks"
    began = Event()

    def wait() -> None:
        with suppress(DatabaseUnavailable), database.connection():
            began.set()
            database.peewee.execute_sql(statement)

    waiting = Thread(target=wait)
    waiting.start()
    assert began.wait(60)
    for _ in range(200):  # it may not have got there yet
        database_maker.fresh_url(tmp_path)
        waiting.join(0.1)
        if not waiting.is_alive():
            break
    assert not waiting.is_alive()
    database.close_all()
