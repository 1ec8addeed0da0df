"""The order in which users are written is that of their IDs, and the same again after an interruption."""

from collections import Counter
from contextlib import closing
from uuid import UUID

import pytest

from hanko_compat.services.transfer.members import Faults
from hanko_compat.services.transfer.ordered import OrderedUsers
from hanko_compat.services.transfer.schema import read_account
from tests.services.transfer.samples import entry

LOW, HIGH = UUID(int=1 << 8), UUID(int=1 << 120)


@pytest.mark.parametrize(("skip", "numbers"), [(0, [2, 4, 3, 1]), (1, [4, 3, 1]), (4, [])])
def test_users_come_in_the_order_of_their_ids_those_without_one_first(skip, numbers):
    accounts = {}
    for number, user_id in enumerate((HIGH, None, LOW, None), start=1):
        own = {} if user_id is None else {"user_id": str(user_id)}
        accounts[number] = read_account(entry(f"{number}@b.test", **own), Faults(Counter()))
    with closing(OrderedUsers()) as ordered:
        for number, account in accounts.items():
            ordered.add(number, account)
        read = list(ordered.users(skip=skip))
    assert read == [(number, accounts[number]) for number in numbers]
