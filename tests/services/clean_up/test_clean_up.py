"""Runs of the clean-up: in small steps, and cut short whenever it has to be."""

from datetime import timedelta

import pytest

from hanko_compat.services.clean_up.clean_up import CleanUp
from hanko_compat.services.clean_up.removers import AT_MOST, Kind, OldRows
from hanko_compat.storage import spent_tokens
from hanko_compat.storage.engine.deletion import Old
from hanko_compat.storage.models import SamlState, SpentToken
from tests.queries import recorded_queries
from tests.services.clean_up.full import KINDS, saml_state

SAMPLE = "hanko_compat_deleted_rows_total"


def spend(services, number, *, expires_at):
    with services.database.connection():
        rows = [{"id": f"{expires_at:%d}-{each}", "expires_at": expires_at} for each in range(number)]
        SpentToken.insert_many(rows).execute()


def left(services, model=SpentToken):
    with services.database.connection():
        return model.select().count()


def test_it_takes_a_few_at_a_time_with_pauses_and_counts_them(services, clock):
    spend(services, 2 * AT_MOST + 7, expires_at=clock() - timedelta(days=1))
    spend(services, 3, expires_at=clock())
    pauses = []
    runs = CleanUp(
        services.database,
        services.clean_up.runs._removers,
        told=(),
        count=services.metrics.count_deleted_rows,
        wait=pauses.append,
    )
    runs.run()
    assert left(services) == 3
    assert len(pauses) == 2
    assert all(0 < pause <= 2 for pause in pauses)
    sample = services.metrics.registry.get_sample_value
    assert sample(SAMPLE, {"kind": "spent_tokens"}) == 2 * AT_MOST + 7
    assert sample(SAMPLE, {"kind": "passcodes"}) is None


def test_one_that_is_cut_short_is_gone_on_with(services, clock):
    spend(services, 3 * AT_MOST, expires_at=clock() - timedelta(days=1))
    answers = iter([True] * 8)  # one kind after the other, until some of these are gone
    done = services.clean_up.runs.run(may_go_on=lambda: next(answers, False))
    assert 0 < left(services) < 3 * AT_MOST
    assert done[-1].name == "spent_tokens"
    assert done[-1].rows == 3 * AT_MOST - left(services)
    services.clean_up.runs.run()
    assert left(services) == 0


def test_looking_changes_nothing(services, clock):
    spend(services, 5, expires_at=clock() - timedelta(days=1))
    with recorded_queries() as queries:
        found = {each.name: each.rows for each in services.clean_up.runs.look()}
    assert found["spent_tokens"] == 5
    assert found["passcodes"] == 0
    assert left(services) == 5
    assert not [query for query in queries if "DELETE" in query.upper()]


def without_index(services, clock):
    kind = Kind(
        name="states", kept=timedelta(0), old=lambda before: states_before(before), is_indexed=lambda: False
    )
    return OldRows(services.database, kind, now=clock)


def states_before(before):
    return Old(SamlState, SamlState.expires_at < before, (SamlState.expires_at,))


def test_without_an_index_the_whole_table_is_walked_through(services, clock, monkeypatch):
    monkeypatch.setattr("hanko_compat.services.clean_up.removers.LOOKED_AT", 10)
    with services.database.connection():
        for number in range(45):
            saml_state(clock() - timedelta(days=number % 3))
    remover = without_index(services, clock)
    assert remover.is_walk()
    after, steps, deleted = None, 0, 0
    while True:
        step = remover.delete_some(after, wanted=timedelta(hours=1))
        steps, deleted, after = steps + 1, deleted + step.deleted, step.after
        if after is None:
            break
    assert (deleted, left(services, SamlState)) == (30, 15)
    assert steps == 5
    assert remover.delete_some(None, wanted=None).deleted <= 10


def test_what_the_account_may_not_delete_is_left_and_the_rest_goes(services, clock, caplog, monkeypatch):
    spend(services, 3, expires_at=clock() - timedelta(days=1))
    with services.database.connection():
        KINDS["dead_letters"][0](clock() - timedelta(days=40))
    real = spent_tokens.expired

    def refuse(*, before):
        services.database.peewee.execute_sql("SELECT 1 FROM no_such_table")
        return real(before=before)

    monkeypatch.setattr(spent_tokens, "expired", refuse)
    monkeypatch.setattr(services.database, "is_denied", lambda error: True)
    done = {each.name: each.rows for each in services.clean_up.runs.run()}
    assert (done["spent_tokens"], done["dead_letters"]) == (0, 1)
    (record,) = [each for each in caplog.records if each.message == "old_rows_not_deletable"]
    assert record.rows_of == "spent_tokens"


def test_another_fault_is_no_denial(services, monkeypatch):
    def fail(*, before):
        services.database.peewee.execute_sql("SELECT 1 FROM no_such_table")

    monkeypatch.setattr(spent_tokens, "expired", fail)
    with pytest.raises(Exception, match="no_such_table"):
        services.clean_up.runs.run()
