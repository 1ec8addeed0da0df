"""Measure the door for servers with a million users: ``python -m benchmarks.backend --help``."""

import base64
import contextlib
import http.client
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import click

from benchmarks import million, processes, report
from benchmarks.load import Endpoint, measure, median
from hanko_compat import wiring
from hanko_compat.backend import connect_tokens, identifiers, sessions, social_accounts, users
from hanko_compat.backend.lists import Column
from hanko_compat.config import from_mapping
from hanko_compat.storage import migrate
from tests.servers.postgres import Postgres
from tests.servers.run import Run

BEGIN = "<!-- a million users: written by python -m benchmarks.backend --write -->"
END = "<!-- end of a million users -->"
PROPERTY = "an address, an account elsewhere, a session and a connect token; half with a phone number"
TIMES = 5  # that each request is sent
SIZE = 10  # items of a page


@dataclass(frozen=True)
class List:
    """A list: where it is, under which name its items come, and a value for a filter by each column."""

    path: str
    items: str
    columns: Mapping[str, Column]
    values: Mapping[str, str]


@dataclass(frozen=True)
class Timed:
    """How long a request took in milliseconds, each time it was sent."""

    query: str
    times: tuple[float, ...]

    @property
    def typical(self) -> float:
        """The median."""
        return statistics.median(self.times)

    @property
    def longest(self) -> float:
        """The maximum."""
        return max(self.times)


def lists(samples: Mapping[str, Any]) -> list[List]:
    """Every list of everybody's things; *samples* has an item out of the middle of each."""
    user, identifier = samples["users"], samples["identifiers"]
    account, session, token = samples["socialAccounts"], samples["sessions"], samples["connectTokens"]
    return [
        List(
            "/users",
            "users",
            users.COLUMNS,
            {
                "id": bare(user["userID"]),
                "userID": bare(user["userID"]),
                "name": user["fullName"],
                "fullName": user["fullName"],
                "created": user["created"],
                "updated": user["updated"],
                "status": "active",
                "searchValue": user["emailIdentifiers"][0]["value"],
            },
        ),
        List(
            "/identifiers",
            "identifiers",
            identifiers.COLUMNS,
            {
                "userID": bare(identifier["userID"]),
                "identifierType": "email",
                "identifierValue": identifier["value"],
            },
        ),
        List(
            "/socialAccounts",
            "socialAccounts",
            social_accounts.COLUMNS,
            {"providerType": "google", "foreignID": account["foreignID"]},
        ),
        List(
            "/sessions",
            "sessions",
            sessions.COLUMNS,
            {
                "ID": session["sessionID"],
                "userID": bare(session["userID"]),
                "expires": str(session["expiresMs"]),
                "lastAction": str(session["lastActionMs"]),
                "created": str(session["createdMs"]),
                "updated": str(session["lastActionMs"]),
                "status": "active",
            },
        ),
        List(
            "/connectTokens",
            "connectTokens",
            connect_tokens.COLUMNS,
            {
                "token": bare(token["id"]),
                "tokenType": "passkey-login",
                "status": "initial",
                "expires": str(token["expires"]),
            },
        ),
    ]


def bare(identifier: str) -> str:
    """An ID as filters have it."""
    return identifier.partition("-")[2]


def queries(measured: List) -> Iterator[str]:
    """Every sort and filter by itself, and each filter in another order."""
    yield ""
    for name, column in measured.columns.items():
        if column.is_sortable:
            for direction in ("asc", "desc"):
                yield urlencode({"sort": f"{name}:{direction}"})
        for operator in column.operators:
            condition = urlencode({"filter[]": f"{name}:{operator}:{measured.values[name]}"})
            yield condition
            yield (
                f"{condition}&{urlencode({'sort': 'created:desc'})}"
                if "created" in measured.columns
                else condition
            )


class Caller:
    """A server that sends one request after the other on one connection."""

    def __init__(self, connection: http.client.HTTPConnection, credentials: str) -> None:
        self.connection = connection
        self.headers = {"Authorization": credentials}

    def get(self, path: str) -> Any:
        """Read one page.

        Raises:
            RuntimeError: the server refuses.
        """
        self.connection.request("GET", f"/v2{path}", headers=self.headers)
        response = self.connection.getresponse()
        body = json.loads(response.read())
        if response.status != 200:
            raise RuntimeError(f"{path}: {body}")
        return body

    def time(self, path: str, query: str, page: int) -> tuple[Timed, Any]:
        """Read a page some times; the first one may have to count, too."""
        target = (
            f"{path}?{query}&page={page}&pageSize={SIZE}" if query else f"{path}?page={page}&pageSize={SIZE}"
        )
        found, times = None, []
        for _ in range(TIMES):
            started = time.perf_counter()
            found = self.get(target)
            times.append((time.perf_counter() - started) * 1000)
        return Timed(f"{path}?{query} page {page}", tuple(times)), found


def measure_lists(caller: Caller) -> str:
    """A table with a line for each list: its slowest first page, and its slowest page of all."""
    names = ("users", "identifiers", "socialAccounts", "sessions", "connectTokens")
    middle = {name: caller.get(f"/{name}?page=5000&pageSize={SIZE}")[name][0] for name in names}
    rows: list[tuple[object, ...]] = []
    slowest: list[Timed] = []
    for measured in lists(middle):
        first, others = [], []
        for query in queries(measured):
            timed, found = caller.time(measured.path, query, 1)
            first.append(timed)
            pages = found["paging"]["totalPages"]
            others += [caller.time(measured.path, query, page)[0] for page in {pages // 2, pages} if page > 1]
        rows.append(line(measured.path, first, others))
        slowest += first + others
    slowest.sort(key=lambda each: -each.typical)
    detail = [(quote(each.query, safe="/?&=[]: "), each.typical, each.longest) for each in slowest[:10]]
    return (
        report.table(
            (
                "list",
                "queries",
                "first page: median, the slowest",
                "its longest",
                "any page: the same",
                "its longest",
            ),
            rows,
        )
        + "\n\nThe ten slowest:\n\n"
        + report.table(("request", "median ms", "longest ms"), detail)
    )


def line(path: str, first: list[Timed], others: list[Timed]) -> tuple[object, ...]:
    """The row of a list."""
    one = max(first, key=lambda each: each.typical)
    any_ = max([*first, *others], key=lambda each: each.typical)
    longest = max(first, key=lambda each: each.longest).longest
    longest_of_all = max([*first, *others], key=lambda each: each.longest).longest
    return (f"`GET {path}`", len(first), one.typical, longest, any_.typical, longest_of_all)


@click.command()
@click.option("--users", "total", default=1_000_000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--seconds", default=4, show_default=True, help="Of each round of `POST /v2/users`.")
@click.option("--connections", default=4, show_default=True)
@click.option("--workers", default=2, show_default=True)
@click.option("--write", is_flag=True, help="Put the tables into benchmarks/README.md.")
def main(total: int, rounds: int, seconds: int, connections: int, workers: int, write: bool) -> None:
    """Measure the lists and `POST /v2/users` on a private PostgreSQL, and print the tables in Markdown."""
    with ExitStack() as stack:
        run = Run.begin()
        stack.callback(run.end)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hanko_compat_bench_")))
        postgres = Postgres(run)
        postgres.start()
        url = postgres.create_database("million")
        credentials = prepare(url, folder)
        click.echo(f"writing {total:,} users", err=True)
        million.seed(url, users=total)
        port = processes.free_port()
        command = [Path(sys.executable).with_name("hanko-compat"), "serve", "--bind", f"127.0.0.1:{port}"]
        server = stack.enter_context(
            processes.running(
                [*command, "--workers", str(workers)],
                port=port,
                ready_path="/health/ready",
                environment={},
                folder=folder,
                log=folder / "server.log",
            )
        )
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        with contextlib.closing(connection):
            tables = measure_lists(Caller(connection, credentials))
        made = measure_creation(
            server.base_url, credentials, rounds=rounds, seconds=seconds, connections=connections
        )
    results = f"{total:,} users, each with {PROPERTY}.\n\n{tables}\n\n{made}"
    click.echo(results)
    if write:
        report.write(results, begin=BEGIN, end=END)


def prepare(url: str, folder: Path) -> str:
    """Make the tables at *url* and the configuration in *folder*; return the header that opens the door."""
    settings = {
        "database": {"url": url},
        "secrets": {"keys": ["a secret of the benchmark only"]},
        "rate_limiter": {"enabled": False},
        "hanko_compat": {"jwk": {"algorithm": "RS256-2048"}},
    }
    (folder / "config.yaml").write_text(json.dumps(settings))
    services = wiring.build(from_mapping(settings, environ={}))
    migrate.up(services.database)
    wiring.prepare(services)
    new = services.api_secrets.create()
    services.database.close_all()
    return "Basic " + base64.b64encode(f"{new.project_id}:{new.secret}".encode()).decode()


def measure_creation(base_url: str, credentials: str, *, rounds: int, seconds: int, connections: int) -> str:
    """A table with `POST /v2/users`."""
    endpoint = Endpoint(
        "`POST /v2/users`",
        "/v2/users",
        "POST",
        '{"status": "active", "fullName": "User %1 of %2"}',
        header=f"Authorization: {credentials}",
    )
    found = median(
        [measure(base_url, endpoint, seconds=seconds, connections=connections) for _ in range(rounds)]
    )
    headings = ("", "requests/s", "p50 ms", "p99 ms", "answers that failed")
    return report.table(headings, [(endpoint.name, found.rate, found.p50, found.p99, found.errors)])


if __name__ == "__main__":
    main()
