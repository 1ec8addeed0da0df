"""The order in which users are written is that of their IDs, and the same again after an interruption."""

from contextlib import closing
from uuid import UUID

import pytest

from hanko_compat.services.transfer.ordered import OrderedUsers

LOW, HIGH = UUID(int=1 << 8), UUID(int=1 << 120)


@pytest.mark.parametrize(("skip", "numbers"), [(0, [2, 4, 3, 1]), (1, [4, 3, 1]), (4, [])])
def test_users_come_in_the_order_of_their_ids_those_without_one_first(skip, numbers):
    members = {number: b"%d" % number for number in range(1, 5)}
    with closing(OrderedUsers()) as ordered:
        for number, user_id in enumerate((HIGH, None, LOW, None), start=1):
            ordered.add(number, user_id, members[number])
        read = list(ordered.users(skip=skip))
    assert read == [(number, members[number]) for number in numbers]
