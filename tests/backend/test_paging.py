"""The parameters of lists: what is declared is taken, the rest refused by name."""

import pytest

from hanko_compat.services.paging import Condition
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
        ({"filter[]": ["fullName:eq:x"] * 51}, {("filter[]", "the length must be no more than 50")}),
        ({"filter[]": ["searchValue:eq:x", "fullName:gt:x"] * 25}, set()),
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


COLUMNS = {
    # What each list is sorted by, and what it is filtered by.
    "/users": (
        ["id", "name", "fullName", "created", "updated", "status"],
        ["id", "name", "fullName", "created", "updated", "status"],
    ),
    "/identifiers": (["userID", "identifierType", "identifierValue"],) * 2,
    "/socialAccounts": (["providerType", "foreignID"],) * 2,
    "/users/{}/socialAccounts": (["providerType", "foreignID"],) * 2,
    "/users/{}/credentials": (["userID", "created", "status", "backupState", "browserName", "osName"],) * 2,
    "/users/{}/passkeyEvents": (["created", "eventType"], ["eventType"]),
    "/users/{}/passkeyChallenges": (["userID", "projectID", "status", "type"],) * 2,
    "/connectTokens": (["token", "tokenType", "status", "expires"],) * 2,
    "/sessions": (["ID", "userID", "expires", "lastAction", "created", "updated", "status"],) * 2,
}
ALL = sorted({column for lists in COLUMNS.values() for columns in lists for column in columns} | {"value"})
MOMENTS = {"created", "updated", "expires", "lastAction"}


def value_of(column):
    if column in MOMENTS:
        return "2021-01-01T00:00:00"
    return {"backupState": "true", "ID": "0" * 30}.get(column, "1")


@pytest.mark.parametrize("path", COLUMNS)
def test_the_columns_of_each_list(backend, path):
    """Those that the contract has, in both directions and with each operator, and no others."""
    sortable, filterable = COLUMNS[path]
    ours = {"/users": {"userID"}}.get(path, set())  # beside those of the contract
    path = path.format(backend.user())
    for column in set(ALL) - ours:
        for direction in ("", ":asc", ":desc"):
            answer = backend.get(path, sort=f"{column}{direction}")
            told = set() if answer.status_code == 200 else problems(answer)
            assert told == (set() if column in sortable else {(column, SORT)})
        for operator in ("eq", "gt", "lt"):
            answer = backend.get(path, f"{column}:{operator}:{value_of(column)}")
            told = set() if answer.status_code == 200 else problems(answer)
            assert told == (set() if column in filterable else {(column, FILTER)})


def test_rows_of_one_moment_come_once_each_over_all_pages(backend):
    """Without ``sort`` the order is that of creation, and of the ID where that is the same."""
    made = {backend.user() for _ in range(22)}
    for sort in ("", "created", "created:desc", "status", "fullName"):
        pages = [backend.get("/users", page=page, sort=sort).json["users"] for page in (1, 2, 3)]
        assert [len(page) for page in pages] == [10, 10, 2]
        assert {user["userID"] for page in pages for user in page} == made
    first = [user["userID"] for user in backend.get("/users", pageSize=1000).json["users"]]
    assert first == sorted(made, key=lambda user_id: int(user_id.removeprefix("usr-")))


def test_a_plus_is_a_plus_where_it_is_escaped(backend):
    user_id = backend.user()
    backend.identifier(user_id, "name+tag@example.test")
    query = "filter%5B%5D=identifierValue%3Aeq%3Aname%2Btag%40example.test&sort=&page=1&pageSize=10"
    found = backend.call("GET", "/identifiers", query_string=query).json["identifiers"]
    assert [each["value"] for each in found] == ["name+tag@example.test"]


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
