"""The parameters of lists: what is declared is taken, the rest refused by name."""

import pytest

from hanko_compat.services.lists import Condition
from tests.backend.server import problems

SORT, FILTER = "not sortable by this column", "not filterable by this column"


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"sort": "foo:asc"}, {("foo", SORT)}),
        ({"sort": "searchValue"}, {("searchValue", SORT)}),
        ({"sort": "fullName:bar"}, {("sort", "Invalid order direction 'bar'")}),
        ({"sort": ":asc"}, {("sort", SORT)}),
        ({"filter[]": "foo:eq:1"}, {("foo", FILTER)}),
        ({"filter[]": "fullName:like:x"}, {("fullName", FILTER)}),
        ({"filter[]": "searchValue:gt:x"}, {("searchValue", FILTER)}),
        ({"filter[]": "fullName:eq"}, {("fullName", FILTER)}),
        ({"filter[]": "fullName"}, {("fullName", FILTER)}),
        ({"filter[]": ""}, {("filter[]", FILTER)}),
        ({"filter[]": "fullName:eq:a\0b"}, {("fullName", "must be a valid value")}),
        ({"filter[]": "created:gt:yesterday"}, {("created", "must be a valid value")}),
        ({"filter[]": "created:eq:9999-12-31T23:59:59"}, {("created", "must be a valid value")}),
        ({"filter[]": "created:gt:1000-01-01T00:00:00"}, set()),
        ({"filter[]": "userID:eq:x"}, {("userID", "must be a valid value")}),
        ({"filter[]": f"userID:gt:{1 << 128}"}, {("userID", "must be a valid value")}),
        ({"page": "0"}, {("page", "must be no less than 1")}),
        ({"page": "-1"}, {("page", "must be no less than 1")}),
        ({"page": "x"}, {("page", "must be a valid value")}),
        ({"page": "9" * 30}, {("page", "must be a valid value")}),
        ({"page": "1.5"}, {("page", "must be a valid value")}),
        ({"pageSize": "1001"}, {("pageSize", "must be no greater than 1000")}),
        (
            {"pageSize": "0", "page": "0"},
            {("page", "must be no less than 1"), ("pageSize", "must be no less than 1")},
        ),
        ({"sort": ""}, set()),
        ({"page": "", "pageSize": ""}, set()),
        ({"pageSize": "1000", "page": "1000000000"}, set()),
        ({"sort": "fullName:desc", "unknown": "1"}, set()),
    ],
)
def test_parameters(backend, parameters, told):
    response = backend.call("GET", "/users", query_string=parameters)
    assert (problems(response) if told else set()) == told
    assert response.status_code == (400 if told else 200)


def test_values_may_hold_colons(backend):
    user_id = backend.user(fullName="a:b:c")
    backend.user(fullName="a:b")
    assert [each["userID"] for each in backend.get("/users", "name:eq:a:b:c").json["users"]] == [user_id]


def test_injection_is_a_value_like_any_other(backend):
    backend.user(fullName="Jane")
    for value in ("' OR '1'='1", 'x" --', "%", "\\"):
        assert backend.get("/users", f"fullName:eq:{value}").json["users"] == []


def test_a_condition_can_be_remembered():
    assert hash(Condition("name", "eq", "x")) == hash(Condition("name", "eq", "x"))
