"""A document that many need: fetched by one of them, and kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client.deadline import Deadline
from hanko_compat.oauth.shared_document import LIFETIME, LONGEST, PAUSE, SharedDocument
from tests.clock import FakeClock

A_LITTLE = timedelta(seconds=1)


class Source:
    """Counts what is fetched; the next attempts may fail, or wait."""

    def __init__(self) -> None:
        self.fetched = 0
        self.failure: Exception | None = None
        self.gate: Event | None = None
        self.began = Event()

    def __call__(self) -> str:
        self.fetched += 1
        number = self.fetched
        if self.gate is not None:
            self.began.set()
            assert self.gate.wait(60)
        if self.failure is not None:
            raise self.failure
        return f"document {number}"


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def document(clock: FakeClock) -> SharedDocument[str]:
    return SharedDocument(clock=clock)


def get(document, source, *, seconds=60.0):
    return document.get(source, patience=lambda: Deadline(seconds))


def renew(document, source, *, lacking):
    return document.renew(source, lacking=lacking, patience=lambda: Deadline(60))


def move(clock, length):
    clock.advance(seconds=length.total_seconds())


def test_it_is_kept_for_a_while(document, source, clock):
    assert [get(document, source), get(document, source)] == ["document 1"] * 2
    move(clock, LIFETIME - A_LITTLE)
    assert get(document, source) == "document 1"
    move(clock, A_LITTLE)
    assert get(document, source) == "document 2"


def test_the_last_one_serves_while_the_provider_is_down(document, source, clock):
    get(document, source)
    source.failure = RequestFailed("down")
    move(clock, LIFETIME)
    assert [get(document, source) for _ in range(5)] == ["document 1"] * 5
    assert source.fetched == 2  # not asked again at once
    move(clock, PAUSE)
    assert (get(document, source), source.fetched) == ("document 1", 3)
    move(clock, LONGEST - LIFETIME - PAUSE)
    with pytest.raises(RequestFailed, match="down"):
        get(document, source)
    source.failure = None
    assert get(document, source) == "document 5"


def test_without_one_each_asks(document, source):
    source.failure = RequestFailed("down")
    for _ in range(2):
        with pytest.raises(RequestFailed, match="down"):
            get(document, source)
    source.failure = None
    assert get(document, source) == "document 3"


def test_what_is_refused_is_not_replaced_by_what_was(document, source, clock):
    get(document, source)
    move(clock, LIFETIME)
    source.failure = ValueError("another issuer")
    with pytest.raises(ValueError, match="another"):
        get(document, source)


def test_many_wait_for_one(document, source):
    source.gate, start = Event(), Barrier(21)

    def ask(_):
        start.wait()
        return get(document, source)

    with ThreadPoolExecutor(20) as pool:
        answers = pool.map(ask, range(20))
        start.wait()
        source.gate.set()
        assert set(answers) == {"document 1"}
    assert source.fetched == 1


def test_who_waits_gets_the_failure_too(document, source):
    source.gate, source.failure = Event(), RequestFailed("down")
    with ThreadPoolExecutor(5) as pool:
        running = [pool.submit(get, document, source) for _ in range(5)]
        source.gate.set()
        assert {str(each.exception()) for each in running} == {"down"}


def test_nobody_waits_longer_than_its_time(document, source):
    source.gate = Event()
    with ThreadPoolExecutor(1) as pool:
        leading = pool.submit(get, document, source)
        assert source.began.wait(60)
        with pytest.raises(RequestFailed, match="timed out"):
            get(document, source, seconds=0.05)
        source.gate.set()
        assert leading.result() == "document 1"


def test_nobody_waits_who_has_an_older_one(document, source, clock):
    get(document, source)
    move(clock, LIFETIME)
    source.gate = Event()
    with ThreadPoolExecutor(1) as pool:
        leading = pool.submit(get, document, source)
        assert source.began.wait(60)
        assert get(document, source) == "document 1"
        source.gate.set()
        assert leading.result() == "document 2"


def test_a_newer_one_is_fetched_now_and_then_only(document, source, clock):
    first = get(document, source)
    assert renew(document, source, lacking=first) is None
    move(clock, PAUSE)
    second = renew(document, source, lacking=first)
    assert second == "document 2"
    assert [renew(document, source, lacking=second) for _ in range(50)] == [None] * 50
    assert source.fetched == 2


def test_who_comes_late_gets_the_newer_one(document, source, clock):
    first = get(document, source)
    move(clock, PAUSE)
    renew(document, source, lacking=first)
    assert renew(document, source, lacking=first) == "document 2"
    assert get(document, source) == "document 2"
