"""docs/compatibility.md names everything that was recorded, and every client; and it is not made up."""

import pytest

from tests import compatibility
from tests.compatibility import (
    CLIENTS,
    DATABASES,
    DUMPS,
    ELEMENTS,
    ELSEWHERE,
    FRONTEND_SDK,
    NODE_SDK,
    NOT_RUN,
    OUTCOMES,
    PYTHON_SDK,
    REPLAY,
    SUBJECT,
    Compatibility,
    Writer,
    endpoint_of,
    rows,
)
from tests.contract.traces import Trace, read_all

PAGE = compatibility.PAGE.read_text()
TRACES = read_all()


def recorded(trace: Trace) -> set[tuple[str, str]]:
    """The endpoints and statuses of a trace, without what sets it up."""
    return {
        (
            f"`{endpoint_of(step['request']['method'], step['request']['path'])}`",
            str(step["response"]["status"]),
        )
        for step in trace.steps
        if "request" in step and not step.get("setup")
    }


@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace.name)
def test_page_has_what_each_trace_shows(trace: Trace) -> None:
    on_page = {
        (endpoint, status)
        for endpoint, status, variant, *_, traces in rows(PAGE, "Endpoints")
        if variant == trace.variant and trace.scenario in traces.split(", ")
    }
    assert on_page == recorded(trace), "run: make compatibility"


def test_page_has_nothing_else() -> None:
    on_page = {
        (variant, name)
        for *_, variant, _, _, _, traces in rows(PAGE, "Endpoints")
        for name in traces.split(", ")
    }
    assert on_page == {(trace.variant, trace.scenario) for trace in TRACES if recorded(trace)}


def test_every_database_and_every_client_was_run() -> None:
    assert NOT_RUN not in PAGE
    assert [row[:2] for row in rows(PAGE, "Databases")] == [
        [name, str(len(TRACES))] for name in DATABASES.values()
    ]
    assert {row[0] for row in rows(PAGE, "Clients")} == set(CLIENTS)
    assert {row[0] for row in rows(PAGE, "Databases of Hanko")} == set(DUMPS.values())


def test_nothing_failed() -> None:
    for _, _, _, *outcomes, _ in rows(PAGE, "Endpoints"):
        assert OUTCOMES["different"] not in outcomes
    assert {row[-1] for row in rows(PAGE, "Databases")} == {"0"}
    for heading in ("Clients", "Databases of Hanko"):
        assert {row[2] for row in rows(PAGE, heading)} == {"yes"}


@pytest.mark.parametrize(
    ("method", "path", "endpoint"),
    [
        ("GET", "/users/<uuid:1>", "GET /users/{}"),
        ("POST", "/emails/nonsense/set_primary", "POST /emails/{}/set_primary"),
        ("GET", "/thirdparty/auth?provider=x", "GET /thirdparty/auth"),
        ("OPTIONS", "/nowhere", "OPTIONS"),
        ("GET", "/nowhere", ELSEWHERE),
        ("PUT", "/users", ELSEWHERE),
    ],
)
def test_requests_are_counted_to_their_endpoint(method: str, path: str, endpoint: str) -> None:
    assert endpoint_of(method, path) == endpoint


def test_the_worst_outcome_counts_and_what_did_not_run_is_told() -> None:
    found = Compatibility()
    exchanges = [
        ["GET", "/me", 200, "same"],
        ["GET", "/me", 200, "different"],
        ["POST", "/token", 400, "same"],
    ]
    found.add_replay("sqlite", "default", "one", exchanges)
    found.add_replay("postgres", "default", "two", [["GET", "/me", 200, "on purpose"]])

    page = found.page()

    assert rows(page, "Endpoints") == [
        ["`GET /me`", "200", "default", "NO", "on purpose otherwise", "not run", "one, two"],
        ["`POST /token`", "400", "default", "yes", "not run", "not run", "one"],
    ]
    assert rows(page, "Databases") == [
        ["SQLite", "1", "3", "2", "0", "1"],
        ["PostgreSQL", "1", "1", "0", "1", "0"],
        ["MariaDB", "0", "0", "0", "0", "0"],
    ]
    assert [row[2] for row in rows(page, "Clients")] == ["not run"] * len(CLIENTS)


def test_a_client_works_when_all_of_its_tests_pass() -> None:
    found = Compatibility()
    for client, name, has_passed in [
        (ELEMENTS, "tests/browser/test_hanko_auth.py::test_sign_up[same origin]", True),
        (ELEMENTS, "tests/browser/test_hanko_auth.py::test_sign_up[another origin]", False),
        (ELEMENTS, "tests/browser/test_hanko_auth.py::test_log_out", True),
        (NODE_SDK, "tests/sdks/test_operations.py::test_users[node]", True),
    ]:
        found.add_test(client, name, has_passed=has_passed)

    assert rows(found.page(), "Clients") == [
        [ELEMENTS, "hanko auth", "NO: 1 of 2", "log out; sign up"],
        [FRONTEND_SDK, "", "not run", ""],
        [PYTHON_SDK, "", "not run", ""],
        [NODE_SDK, "operations", "yes", "users"],
    ]


def test_a_replay_that_failed_is_on_the_page() -> None:
    writer = Writer()
    replay = ["sqlite", "default", "one", [["GET", "/me", 200, "different"]]]
    for when in ("setup", "call", "teardown"):
        writer.pytest_runtest_logreport(
            pytest.TestReport(
                nodeid="tests/contract/test_traces.py::test",
                location=("", 0, ""),
                keywords={},
                outcome="failed" if when == "call" else "passed",
                longrepr=None,
                when=when,
                user_properties=[(REPLAY, replay), (SUBJECT, ELEMENTS)],
            )
        )
    assert [row[3] for row in rows(writer.found.page(), "Endpoints")] == ["NO"]
    assert rows(writer.found.page(), "Databases")[0][2] == "1"
    assert rows(writer.found.page(), "Clients")[0][:3] == [ELEMENTS, "traces", "NO: 0 of 1"]
