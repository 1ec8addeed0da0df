"""One time for all that a request takes."""

import pytest

from hanko_compat.http_client.deadline import Deadline


def test_less_and_less_is_left():
    deadline = Deadline(60)
    first = deadline.left()
    assert 0 < deadline.left() <= first <= 60


@pytest.mark.parametrize("seconds", [0, -1])
def test_nothing_is_left(seconds):
    with pytest.raises(TimeoutError):
        Deadline(seconds).left()
