"""Pages out of several tables; the branches of a list that each have a constant come one after the other."""

from functools import partial
from itertools import chain

import pytest

from hanko_compat.storage.engine import paging as lists
from hanko_compat.storage.engine.paging import FAR, Branch, Condition, Query
from hanko_compat.storage.models import Email, Username
from tests.factories import make_email, make_username


@pytest.fixture
def branches(database):
    for name in ("b", "d"):
        make_email(address=f"{name}@example.test")
    for name in ("a", "c", "e"):
        make_username(username=name)
    return [
        Branch(Username, {"value": Username.username}, {"type": "username"}),
        Branch(Email, {"value": Email.address}, {"type": "email"}),
    ]


@pytest.fixture(params=["near", "far", "near the end", "far from the end", "in the second half"])
def far_and_guess(request):
    """Where pages are taken to be; only databases with an idea of the number of rows read from the end."""
    taken_for = {"near the end": 0, "far from the end": 1000, "in the second half": 2}
    far = FAR if request.param == "near" else 0
    if request.param in taken_for:
        return far, lambda *_: taken_for[request.param]
    return far, lists.estimate


def values(database, branches, far_and_guess, **changes):
    far, guess = far_and_guess
    with database.connection():
        keys = lists.list_keys(branches, Query(far=far, **changes), guess=guess)
        return [
            (Username.get_by_id(key).username if branch == 0 else Email.get_by_id(key).address)[0]
            for branch, key in keys
        ]


@pytest.mark.parametrize(("descending", "expected"), [(False, "abcde"), (True, "edcba")])
def test_pages_put_together_are_the_whole(database, branches, far_and_guess, descending, expected):
    for size in range(1, 7):
        pages = [
            values(
                database, branches, far_and_guess, order="value", descending=descending, page=page, size=size
            )
            for page in range(1, 7)
        ]
        assert "".join(chain(*pages)) == expected, size


@pytest.mark.parametrize("descending", [False, True])
def test_branches_in_the_order_of_their_constants(database, branches, far_and_guess, descending):
    for size in range(1, 7):
        pages = [
            values(
                database, branches, far_and_guess, order="type", descending=descending, page=page, size=size
            )
            for page in range(1, 7)
        ]
        found = list(chain(*pages))
        halves = [set("bd"), set("ace")]
        if descending:
            assert [set(found[:3]), set(found[3:])] == halves[::-1]
        else:
            assert [set(found[:2]), set(found[2:])] == halves
        assert len(found) == 5, size


@pytest.mark.parametrize("order", [None, "value", "type"])
def test_pages_where_constants_rule_out_branches(database, branches, far_and_guess, order):
    def of(type_, page):
        only = (Condition("type", "eq", type_),)
        return values(database, branches, far_and_guess, conditions=only, order=order, page=page, size=1)

    first, second, third = [of("email", page) for page in (1, 2, 3)]
    assert sorted([*first, *second]) == ["b", "d"]
    assert third == []
    assert [of("letter", page) for page in (1, 2)] == [[], []]


def test_a_list_may_be_counted_in_another_form(database, branches):
    last, only_emails = Query(order="value", page=3, size=2, far=0), [branches[1]]
    list_keys = partial(lists.list_keys, branches, last, guess=lambda *_: 0)
    with database.connection():
        assert len(list_keys()) == 1
        assert list_keys(whole=only_emails) == []


@pytest.mark.parametrize(("at_most", "expected"), [(None, 5), (10, 5), (5, 5), (4, 4), (1, 1)])
def test_count(database, branches, at_most, expected):
    with database.connection():
        assert lists.count(branches, (), at_most=at_most) == expected
        only = (Condition("type", "eq", "email"),)
        assert lists.count(branches, only, at_most=at_most) == min(2, expected)
        assert lists.count(branches, (Condition("type", "eq", "letter"),), at_most=at_most) == 0


@pytest.mark.servers
def test_letter_case_counts_where_a_collation_ignores_it(server_database):
    with server_database.connection():
        make_email(address="jane@example.test")
        branch = Branch(Email, {"value": Email.address})
        assert lists.count([branch], (Condition("value", "eq", "JANE@example.test"),), at_most=None) == 0
        assert lists.count([branch], (Condition("value", "eq", "jane@example.test"),), at_most=None) == 1


def test_only_postgres_has_an_idea_how_many_rows_there_are(database, branches):
    with database.connection():
        about = lists.estimate(branches, ())
        only = lists.estimate(branches, (Condition("type", "eq", "letter"),))
    if database.dialect == "postgres":
        assert about is not None
        assert about > 0
        assert only == 0
    else:
        assert (about, only) == (None, None)


def test_what_a_branch_leaves_out_is_counted_instead_of_it(database, branches):
    usernames, _ = branches
    first = Branch(Username, usernames.columns, {"half": "first"}, (Username.username < "d",))
    others = Branch(
        Username, usernames.columns, {"half": "second"}, (Username.username >= "d",), all_but=(first,)
    )
    with database.connection():
        for conditions, expected in [((), 1), ((Condition("value", "gt", "e"),), 0)]:
            assert lists.count([others], conditions, at_most=None) == expected
            assert lists.count([others], conditions, at_most=10) == expected
        second = (Condition("half", "eq", "second"),)
        assert lists.count([first, others], second, at_most=None) == 1
