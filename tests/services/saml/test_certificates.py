"""The certificates of the service provider, through the years."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.errors.saml import SamlCertificateMissing, SamlCertificateUnreadable
from hanko_compat.services.saml import certificates
from hanko_compat.services.saml.certificate_rows import LIFETIME, make_row
from hanko_compat.services.saml.certificates import (
    DECRYPTS_FOR,
    READ_AGAIN_AFTER,
    RENEWED_BEFORE,
    SIGNS_AFTER,
    SamlCertificates,
)
from hanko_compat.storage.engine.database import Database, open_database
from hanko_compat.storage.saml import certificates as rows
from tests.clock import FakeClock
from tests.queries import recorded_queries
from tests.servers.process import PATIENCE

Make = Callable[[], SamlCertificates]
HANKOS = UUID(int=77)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = open_database(database_url)
    yield database
    database.close_all()


@pytest.fixture
def make(database: Database, clock: FakeClock) -> Make:
    """``make()``: what another process has."""
    return lambda: SamlCertificates(database, service_name="Service", now=clock)


def stored(database: Database) -> list[str]:
    with database.connection():
        return [row.cert_data for row in rows.list_certificates()]


def add_hankos(database: Database, clock: FakeClock) -> str:
    """A row as the original makes one; return the certificate."""
    row = make_row("Hanko", now=clock())
    texts = {name: getattr(row, name) for name in ("cert_data", "cert_key", "encryption_key")}
    with database.connection():
        rows.create(id=HANKOS, **texts, now=clock())
    return row.cert_data


def belongs_to_hanko(database: Database) -> None:
    with database.connection():
        database.peewee.execute_sql("CREATE TABLE schema_migration (version varchar(14) NOT NULL)")


def shown(pairs: object) -> list[str]:
    return [pair.certificate for pair in pairs]  # type: ignore[attr-defined]


def ends_told(service: SamlCertificates) -> tuple[datetime, datetime | None]:
    """What an operator is told: the end of the newest, and of the one before."""
    status = service.status()
    assert status is not None
    return status.expires_at, status.former_expires_at


def pass_time(clock: FakeClock, length: timedelta) -> None:
    clock.advance(seconds=length.total_seconds())


def test_the_first_one_is_made_when_it_is_needed(database: Database, make: Make) -> None:
    service = make()
    assert stored(database) == []
    assert service.status() is None
    assert stored(database) == []
    first = service.current()
    assert stored(database) == [first.certificate]
    assert shown(service.published()) == shown(service.decrypting()) == [first.certificate]
    assert make().current().certificate == first.certificate


def test_of_five_at_once_one_makes_it(
    database: Database, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, made, real = Barrier(5), [], certificates.make_row

    def make_together(*arguments: Any, **more: Any) -> Any:
        row = real(*arguments, **more)
        made.append(row.cert_data)
        gate.wait(PATIENCE)
        return row

    monkeypatch.setattr(certificates, "make_row", make_together)
    with ThreadPoolExecutor(5) as pool:
        found = set(pool.map(lambda _: make().current().certificate, range(5)))
    assert len(made) == 5
    assert [*found] == stored(database)


def test_a_certificate_is_renewed_step_by_step(database: Database, make: Make, clock: FakeClock) -> None:
    service = make()
    old = service.current().certificate
    pass_time(clock, LIFETIME - RENEWED_BEFORE - timedelta(minutes=1))
    assert shown(service.published()) == [old]
    assert ends_told(service) == (service.current().expires_at, None)

    pass_time(clock, timedelta(minutes=2))
    (signing, new) = shown(service.published())
    ends = tuple(pair.expires_at for pair in service.decrypting())
    assert ends_told(service) == ends
    assert signing == old
    assert new != old
    assert service.current().certificate == old
    assert shown(service.decrypting()) == [new, old]
    assert stored(database) == [old, new]

    pass_time(clock, SIGNS_AFTER)
    assert shown(service.published()) == [new, old]

    pass_time(clock, RENEWED_BEFORE - SIGNS_AFTER)
    assert shown(service.published()) == [new]
    assert shown(service.decrypting()) == [new, old]
    assert ends_told(service) == ends

    pass_time(clock, DECRYPTS_FOR)
    assert shown(service.decrypting()) == [new]
    assert ends_told(service) == (ends[0], None)
    assert stored(database) == [old, new]


def test_what_expired_while_nothing_ran_is_replaced_at_once(make: Make, clock: FakeClock) -> None:
    old = make().current().certificate
    pass_time(clock, LIFETIME + timedelta(days=1))
    service = make()
    new = service.current().certificate
    assert new != old
    assert shown(service.published()) == [new]
    assert shown(service.decrypting()) == [new, old]


def test_another_process_sees_a_new_one_within_a_minute(make: Make, clock: FakeClock) -> None:
    one, two = make(), make()
    old = one.current().certificate
    pass_time(clock, LIFETIME - RENEWED_BEFORE)
    assert [one.current().certificate, two.current().certificate] == [old, old]
    assert shown(one.published()) == shown(two.published())
    pass_time(clock, READ_AGAIN_AFTER)
    assert len(two.published()) == 2


def test_the_originals_is_used_and_never_renewed(database: Database, make: Make, clock: FakeClock) -> None:
    theirs = add_hankos(database, clock)
    belongs_to_hanko(database)
    service = make()
    assert service.current().certificate == theirs
    for step in (LIFETIME - RENEWED_BEFORE, RENEWED_BEFORE, timedelta(days=400)):
        pass_time(clock, step)
        assert shown(service.published()) == shown(service.decrypting()) == [theirs]
    assert stored(database) == [theirs]
    status = service.status()
    assert status is not None
    assert not status.is_renewed_here
    assert status.expires_at < clock()


def test_one_that_was_copied_from_hanko_is_renewed(database: Database, make: Make, clock: FakeClock) -> None:
    theirs = add_hankos(database, clock)
    service = make()
    pass_time(clock, LIFETIME - RENEWED_BEFORE)
    assert shown(service.published())[0] == theirs
    assert len(stored(database)) == 2
    status = service.status()
    assert status is not None
    assert status.is_renewed_here
    assert abs(status.expires_at - clock() - LIFETIME) < timedelta(seconds=2)


def test_one_that_had_ended_when_it_was_copied_decrypts_for_a_month_more(
    database: Database, make: Make, clock: FakeClock
) -> None:
    theirs = add_hankos(database, clock)
    pass_time(clock, LIFETIME + timedelta(days=400))
    service = make()
    (new,) = shown(service.published())
    assert shown(service.decrypting()) == [new, theirs]
    assert ends_told(service)[1] is not None
    pass_time(clock, DECRYPTS_FOR - timedelta(minutes=1))
    assert shown(service.decrypting()) == [new, theirs]
    pass_time(clock, timedelta(minutes=2))
    assert shown(service.decrypting()) == [new]


def test_hanko_has_to_make_its_own(database: Database, make: Make) -> None:
    belongs_to_hanko(database)
    with pytest.raises(SamlCertificateMissing, match="start Hanko"):
        make().current()
    assert stored(database) == []


def test_a_damaged_row_is_named(database: Database, make: Make, clock: FakeClock) -> None:
    with database.connection():
        rows.create(id=HANKOS, cert_data="x", cert_key="y", encryption_key="z", now=clock())
    with pytest.raises(SamlCertificateUnreadable, match=str(HANKOS)):
        make().current()


def test_a_minute_costs_one_query(database: Database, make: Make, clock: FakeClock) -> None:
    service = make()
    service.current()
    with recorded_queries() as queries:
        for _ in range(10):
            service.current()
            service.published()
            service.decrypting()
    assert queries == []
    pass_time(clock, READ_AGAIN_AFTER)
    with recorded_queries() as queries:
        service.current()
        service.decrypting()
    assert len(queries) == 1


def test_a_database_that_is_away_takes_nothing_away(
    make: Make, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = make()
    known = service.current().certificate

    def fail() -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr(rows, "list_certificates", fail)
    pass_time(clock, READ_AGAIN_AFTER)
    assert service.current().certificate == known
    with pytest.raises(DatabaseUnavailable):
        make().current()
