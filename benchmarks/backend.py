"""Measure the backend door with a million users: ``python -m benchmarks.backend --help``."""

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
from urllib.parse import unquote_plus, urlencode

import click

from benchmarks import million, processes, report
from benchmarks.load import Endpoint, measure, median
from benchmarks.processes import Server
from hanko_compat import wiring
from hanko_compat.backend import connect_tokens, identifiers, sessions, social_accounts, users
from hanko_compat.config import from_mapping
from hanko_compat.storage.schema import migrate
from tests.servers.postgres import DurablePostgres
from tests.servers.run import Run

BEGIN = "<!-- a million users: written by python -m benchmarks.backend --write -->"
END = "<!-- end of a million users -->"
PROPERTY = "an address, an account elsewhere, a session and a connect token; half with a phone number"
TIMES = 3  # that each request is sent: for the first one, pages of indexes may have to come from the disk
SIZE = 10  # items of a page
CONNECTIONS = (4, 16)


COLUMNS = {
    "users": users.COLUMNS,
    "identifiers": identifiers.COLUMNS,
    "socialAccounts": social_accounts.COLUMNS,
    "sessions": sessions.COLUMNS,
    "connectTokens": connect_tokens.COLUMNS,
}
"""The lists of everybody's things, and what they are sorted and filtered by."""


@dataclass(frozen=True)
class List:
    """A list, and values for a filter by each column."""

    name: str
    values: Mapping[str, str | tuple[str, ...]]

    @property
    def path(self) -> str:
        """Where it is, below ``/v2``."""
        return f"/{self.name}"


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
    """Every list; *samples* has an item out of the middle of each."""
    user, identifier = samples["users"], samples["identifiers"]
    account, session, token = samples["socialAccounts"], samples["sessions"], samples["connectTokens"]
    values: dict[str, dict[str, str | tuple[str, ...]]] = {
        "users": {
            "id": bare(user["userID"]),
            "userID": bare(user["userID"]),
            "name": user["fullName"],
            "fullName": user["fullName"],
            "created": user["created"],
            "updated": user["updated"],
            "status": ("active", "pending"),
            "searchValue": user["emailIdentifiers"][0]["value"],
        },
        "identifiers": {
            "userID": bare(identifier["userID"]),
            "identifierType": ("email", "phone"),
            "identifierValue": identifier["value"],
        },
        "socialAccounts": {"providerType": "google", "foreignID": account["foreignID"]},
        "sessions": {
            "ID": session["sessionID"],
            "userID": bare(session["userID"]),
            "expires": str(session["expiresMs"]),
            "lastAction": str(session["lastActionMs"]),
            "created": str(session["createdMs"]),
            "updated": str(session["lastActionMs"]),
            "status": "active",
        },
        "connectTokens": {
            "token": bare(token["id"]),
            "tokenType": "passkey-login",
            "status": ("initial", "consumed"),
            "expires": str(token["expires"]),
        },
    }
    return [List(name, of_columns) for name, of_columns in values.items()]


def bare(identifier: str) -> str:
    """An ID as filters have it."""
    return identifier.partition("-")[2]


def queries(measured: List) -> Iterator[str]:
    """Every filter, and none, in every order; of columns with two names by one of them."""
    columns = {column.name: (name, column) for name, column in COLUMNS[measured.name].items()}.values()
    conditions: list[tuple[str, str]] = []
    for name, column in columns:
        values = measured.values[name]
        for value in (values,) if isinstance(values, str) else values:
            conditions += [("filter[]", f"{name}:{operator}:{value}") for operator in column.operators]
    orders = [("sort", name) for name, column in columns if column.is_sortable]
    orders += [("sort", f"{name}:desc") for _, name in orders]
    for condition in ([], *([each] for each in conditions)):
        for order in ([], *([each] for each in orders)):
            yield urlencode([*condition, *order])


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

    def middle(self, name: str) -> Any:
        """An item out of the middle of a list."""
        pages = self.get(f"/{name}?pageSize={SIZE}")["paging"]["totalPages"]
        return self.get(f"/{name}?page={pages // 2}&pageSize={SIZE}")[name][0]

    def time(self, path: str, query: str, page: int, *, times: int) -> tuple[Timed, Any]:
        """Read a page some times; for the first time nobody has counted the list yet."""
        target = (
            f"{path}?{query}&page={page}&pageSize={SIZE}" if query else f"{path}?page={page}&pageSize={SIZE}"
        )
        found, taken = None, []
        for _ in range(times):
            started = time.perf_counter()
            found = self.get(target)
            taken.append((time.perf_counter() - started) * 1000)
        return Timed(f"{path}?{query} page {page}", tuple(taken)), found


def measure_lists(caller: Caller) -> str:
    """A table with a line for each list: its slowest first page, and its slowest page of all."""
    middle = {name: caller.middle(name) for name in COLUMNS}
    rows: list[tuple[object, ...]] = []
    slowest: list[Timed] = []
    for measured in lists(middle):
        first, others = [], []
        for query in queries(measured):
            timed, found = caller.time(measured.path, query, 1, times=TIMES)
            first.append(timed)
            pages = found["paging"]["totalPages"]
            others += [
                caller.time(measured.path, query, page, times=TIMES)[0]
                for page in {pages // 2, pages}
                if page > 1
            ]
        click.echo(f"  {measured.path}", err=True)
        rows.append(line(measured.path, first, others))
        slowest += first + others
    slowest.sort(key=lambda each: -each.typical)
    detail = [(f"`{unquote_plus(each.query)}`", each.typical, each.longest) for each in slowest[:10]]
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
@click.option("--workers", default=2, show_default=True)
@click.option("--without-lists", is_flag=True, help="Only `POST /v2/users`.")
@click.option(
    "--at",
    "given",
    metavar="URL",
    help="A PostgreSQL database to keep, filled if empty. Default: a private one.",
)
@click.option("--write", is_flag=True, help="Put the tables into benchmarks/README.md.")
def main(
    total: int,
    rounds: int,
    seconds: int,
    workers: int,
    without_lists: bool,
    given: str | None,
    write: bool,
) -> None:
    """Measure the lists and `POST /v2/users` on PostgreSQL, and print the tables in Markdown."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hanko_compat_bench_")))
        url, postgres = (given, None) if given else private_database(stack)
        credentials = prepare(url, folder)
        click.echo(f"writing {total:,} users", err=True)
        million.seed(url, users=total)
        port = processes.free_port()
        program = Path(sys.executable).with_name("hanko-compat")
        server = stack.enter_context(
            processes.running(
                [program, "serve", "--bind", f"127.0.0.1:{port}", "--workers", str(workers)],
                port=port,
                ready_path="/health/ready",
                environment={},
                folder=folder,
                log=folder / "server.log",
            )
        )
        parts = [report.machine()]
        if not without_lists:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
            with contextlib.closing(connection):
                parts.append(f"{total:,} users, each with {PROPERTY}.")
                parts.append(measure_lists(Caller(connection, credentials)))
        parts.append(measure_creation(server, postgres, credentials, rounds=rounds, seconds=seconds))
    results = "\n\n".join(parts)
    click.echo(results)
    if write:
        report.write(results, begin=BEGIN, end=END)


def private_database(stack: ExitStack) -> tuple[str, int]:
    """Start PostgreSQL with an empty database until *stack* ends; its URL, and the ID of the process."""
    run = Run.begin()
    stack.callback(run.end)
    postgres = DurablePostgres(run)
    postgres.start()
    process = (postgres.folder / "data" / "postmaster.pid").read_text().splitlines()[0]
    return postgres.create_database("million"), int(process)


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
    prepare(services)
    new = services.api_secrets.create()
    services.database.close_all()
    return "Basic " + base64.b64encode(f"{new.project_id}:{new.secret}".encode()).decode()


def measure_creation(
    server: Server, postgres: int | None, credentials: str, *, rounds: int, seconds: int
) -> str:
    """A table with `POST /v2/users`; *postgres* is the process of the database server, if we know it."""
    endpoint = Endpoint(
        "`POST /v2/users`",
        "/v2/users",
        "POST",
        '{"status": "active", "fullName": "User %1 of %2"}',
        header=f"Authorization: {credentials}",
    )
    rows: list[tuple[object, ...]] = []
    for connections in CONNECTIONS:
        measure(server.base_url, endpoint, seconds=1, connections=connections)  # connects, and prepares
        before, before_there = server.worked(), worked(postgres)
        found = [
            measure(server.base_url, endpoint, seconds=seconds, connections=connections)
            for _ in range(rounds)
        ]
        server.settle()
        made = sum(each.rate * each.seconds for each in found)
        cpu = (server.worked() - before) * 1000 / made
        cpu_there = (worked(postgres) - before_there) * 1000 / made if postgres else ""
        middle = median(found)
        rows.append((connections, middle.rate, middle.p50, middle.p99, middle.errors, cpu, cpu_there))
    headings = (
        "`POST /v2/users`, connections",
        "requests/s",
        "p50 ms",
        "p99 ms",
        "answers that failed",
        "CPU of the workers, ms each",
        "CPU of PostgreSQL, ms each",
    )
    return report.table(headings, rows)


def worked(postgres: int | None) -> float:
    """The seconds for which the connections of a database server have computed."""
    return sum(map(processes.cpu_seconds, processes.children(postgres))) if postgres else 0.0


if __name__ == "__main__":
    main()
