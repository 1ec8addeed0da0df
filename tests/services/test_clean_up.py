import logging

import pytest

from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.services.clean_up import EVERY, CleanUp


class Rows:
    """What is deleted; counts the steps."""

    def __init__(self):
        self.steps = 0
        self.fault = None

    def delete(self):
        self.steps += 1
        if self.fault is not None:
            raise self.fault
        return self.steps


@pytest.fixture
def rows():
    return Rows()


def count_new(clean_up, times):
    for _ in range(times):
        clean_up.count_new()


def test_one_step_for_every_few_new_rows(services, rows):
    told = []
    clean_up = CleanUp(services.database, rows.delete, then=told.append)
    count_new(clean_up, EVERY - 1)
    assert rows.steps == 0
    count_new(clean_up, 1)
    assert rows.steps == 1
    count_new(clean_up, 3 * EVERY)
    assert (rows.steps, told) == (4, [1, 2, 3, 4])


def test_whoever_makes_a_row_does_not_notice_a_failure(services, rows, caplog):
    rows.fault = DatabaseUnavailable()
    clean_up = CleanUp(services.database, rows.delete, every=1)
    count_new(clean_up, 2)
    assert [(record.levelno, record.message) for record in caplog.records] == [
        (logging.WARNING, "old_rows_not_deleted")
    ] * 2
    rows.fault = None
    count_new(clean_up, 1)
    assert rows.steps == 3


def test_nothing_is_deleted_while_it_would_take_long(services, rows):
    possible = iter([False, True])
    clean_up = CleanUp(services.database, rows.delete, is_possible=lambda: next(possible), every=1)
    count_new(clean_up, 1)
    assert rows.steps == 0
    count_new(clean_up, 1)
    assert rows.steps == 1
