from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest

from hanko_compat.services.passkeys.ceremonies import Ceremonies, Operation, Terms
from hanko_compat.storage.models import WebauthnSessionData
from hanko_compat.storage.passkeys import webauthn_session_data as rows

REGISTRATION, AUTHENTICATION = Operation
TERMS = {REGISTRATION: Terms(5000, "required"), AUTHENTICATION: Terms(60_000, "preferred")}


@pytest.fixture
def ceremonies(services, clock):
    return Ceremonies(services.database, terms=TERMS, now=clock)


def begin(services, ceremonies, operation=AUTHENTICATION, **bound):
    facts = {"user_id": None} | bound
    return services.database.transaction(lambda: ceremonies.begin(operation, **facts))


@pytest.mark.parametrize("operation", Operation)
def test_a_challenge_is_taken_once_with_what_it_is_bound_to(services, ceremonies, operation):
    user_id = uuid4()
    challenge = begin(services, ceremonies, operation, user_id=user_id, credential_ids=["a", "b"])
    taken = ceremonies.take(operation, challenge)
    assert (taken.operation, taken.challenge, taken.user_id) == (operation, challenge, user_id)
    assert sorted(taken.credential_ids) == ["a", "b"]
    assert taken.requires_user_verification is (operation == REGISTRATION)
    assert ceremonies.take(operation, challenge) is None


def test_another_operation_does_not_take_it(services, ceremonies):
    challenge = begin(services, ceremonies, REGISTRATION)
    assert ceremonies.take(AUTHENTICATION, challenge) is None
    assert ceremonies.take(REGISTRATION, challenge).user_id is None


@pytest.mark.parametrize("challenge", [b"", b"unknown", b"\xff" * 500])
def test_an_unknown_challenge_is_none(ceremonies, challenge):
    assert ceremonies.take(REGISTRATION, challenge) is None


def test_each_operation_has_its_time(services, ceremonies, clock):
    taken = [ceremonies.take(each, begin(services, ceremonies, each)) for each in Operation]
    clock.advance(seconds=4)  # not more: MariaDB keeps whole seconds
    assert [ceremonies.is_over(each) for each in taken] == [False, False]
    clock.advance(seconds=1)
    assert [ceremonies.is_over(each) for each in taken] == [True, False]
    clock.advance(seconds=55)
    assert [ceremonies.is_over(each) for each in taken] == [True, True]


def test_a_row_that_does_not_say_when_it_expires_has_the_usual_time(services, ceremonies, clock):
    challenge = begin(services, ceremonies)
    services.database.transaction(WebauthnSessionData.update(expires_at=None).execute)
    taken = ceremonies.take(AUTHENTICATION, challenge)
    clock.advance(seconds=58)
    assert not ceremonies.is_over(taken)
    clock.advance(seconds=2)
    assert ceremonies.is_over(taken)


def test_a_challenge_that_is_given_back_is_the_same(services, ceremonies, clock):
    challenge = begin(services, ceremonies, user_id=uuid4(), credential_ids=["a"])
    taken = ceremonies.take(AUTHENTICATION, challenge)
    clock.advance(seconds=30)
    ceremonies.give_back(taken)
    again = ceremonies.take(AUTHENTICATION, challenge)
    assert (again.user_id, again.credential_ids) == (taken.user_id, taken.credential_ids)
    assert again.expires_at.replace(microsecond=0) == taken.expires_at.replace(microsecond=0)


def test_of_twenty_who_take_one_gets_it(services, ceremonies, monkeypatch):
    challenge, gate, real = begin(services, ceremonies), Barrier(20), rows.consume

    def consume_together(*args, **kwargs):
        if services.database.dialect != "sqlite":  # which has one writer at a time
            gate.wait()
        return real(*args, **kwargs)

    monkeypatch.setattr(rows, "consume", consume_together)
    with ThreadPoolExecutor(20) as pool:
        taken = list(pool.map(lambda _: ceremonies.take(AUTHENTICATION, challenge), range(20)))
    assert sum(each is not None for each in taken) == 1
