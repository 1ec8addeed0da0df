"""What occurs twice is found, whatever else there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.storage.transfer import duplicates
from hanko_compat.storage.transfer.duplicates import Duplicate, Seen


@pytest.fixture
def seen():
    seen = Seen()
    yield seen
    seen.close()


def test_values_are_compared_within_their_field(seen, monkeypatch):
    monkeypatch.setattr(duplicates, "KEPT", 2)
    seen.add([("address", "a", 1), ("username", "b", 1), ("address", "b", 2), ("username", "a", 2)])
    seen.add([("username", "b", 3), ("address", "c", 3)])
    seen.add([("username", "b", 12)])
    assert list(seen.duplicates()) == [Duplicate("username", "b", (1, 3, 12))]


@given(st.lists(st.text(max_size=2)))
def test_every_duplicate_is_found(values):
    seen = Seen()
    for number, value in enumerate(values, start=1):
        seen.add([("field", value, number)])
    found = {each.key: list(each.entries) for each in seen.duplicates()}
    seen.close()
    wanted = {value: [n for n, each in enumerate(values, start=1) if each == value] for value in values}
    assert found == {value: numbers for value, numbers in wanted.items() if len(numbers) > 1}
