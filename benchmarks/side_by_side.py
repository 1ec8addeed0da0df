"""The public door beside that of another commit: ``python -m benchmarks.side_by_side --help``.

Both servers run at once, on databases of their own, and are asked in turns, a fraction of a second each: so
what else the machine does meets both. What counts is the CPU time of the server for one request, and one at a
time is sent.
"""

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count, cycle
from operator import attrgetter
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import click

from benchmarks import processes, report
from benchmarks.__main__ import configuration
from benchmarks.endpoints import endpoints
from benchmarks.load import Endpoint
from benchmarks.mail_sink import MailSink
from benchmarks.processes import Server
from benchmarks.seed import Member
from tests.servers.postgres import DurablePostgres
from tests.servers.run import Run

ROOT = Path(__file__).parents[1]
WARM_UP, MOST = 2, 100  # requests
TURN = 0.3  # seconds
FILL = """
import dataclasses, json, pathlib, sys
from benchmarks.seed import seed
from hanko_compat import wiring
from hanko_compat.config import load
from hanko_compat.storage.schema import migrate
from hanko_compat.wiring.start import prepare

services = wiring.build(load(pathlib.Path(sys.argv[1]), environ={}))
migrate.up(services.database)
prepare(services)
print(json.dumps([dataclasses.asdict(member) for member in seed(services)], default=str))
"""
"""Run by the code that will serve the database, whose tables may be others than ours."""
BEGIN, END = (
    "<!-- side by side: written by python -m benchmarks.side_by_side -->",
    "<!-- end of side by side -->",
)


@dataclass(frozen=True)
class Cost:
    """What a request took on average: milliseconds, and those in which the server has computed."""

    wall: float
    cpu: float


class Side:
    """A server, and what is sent to it."""

    def __init__(self, server: Server, chosen: Sequence[Endpoint]) -> None:
        self.endpoints = {each.name: each for each in chosen}
        self._server = server
        self._values = {name: self._lines(each) for name, each in self.endpoints.items()}
        self._connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=60)

    def measure(self, name: str, times: int) -> Cost:
        """Send so many requests, one after the other.

        Raises:
            RuntimeError: one of them failed.
        """
        endpoint, started, before = self.endpoints[name], time.perf_counter(), self._server.worked()
        for _ in range(times):
            self._send(endpoint, next(self._values[name]))
        wall = time.perf_counter() - started
        if endpoint.mails:
            self._server.settle()
        return Cost(1000 * wall / times, 1000 * (self._server.worked() - before) / times)

    def _send(self, endpoint: Endpoint, line: Sequence[str]) -> None:
        def filled(text: str) -> str:
            return text.replace("%1", line[0]).replace("%2", line[-1])

        headers = {"Content-Type": "application/json"} if endpoint.body else {}
        if endpoint.header:
            key, _, value = filled(endpoint.header).partition(": ")
            headers[key] = value
        body = filled(endpoint.body) if endpoint.body else None
        self._connection.request(endpoint.method, filled(endpoint.path), body=body, headers=headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status // 100 != 2:
            raise RuntimeError(f"{endpoint.name}: {answer.status} {text!r}")

    def _lines(self, endpoint: Endpoint) -> Iterator[list[str]]:
        """What stands for ``%1`` and ``%2``, request by request."""
        if endpoint.values is None:
            return ([str(number), "side"] for number in count())
        values = iter(endpoint.values) if endpoint.once else cycle(endpoint.values)
        return map(str.split, values)


def extract(commit: str, folder: Path) -> Path:
    """Put the files of a commit into *folder*."""
    folder.mkdir()
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x", "-C", folder], input=packed, check=True)
    return folder


@contextmanager
def serving(code: Path, url: str, folder: Path, *, algorithm: str, smtp_port: int) -> Iterator[Side]:
    """Serve the *code* of a commit, with the packages that are installed here, on the database at *url*."""
    folder.mkdir()
    path = configuration(url, algorithm, folder, smtp_port)
    environment = {"PYTHONPATH": str(code)}
    filled = subprocess.run(
        [sys.executable, "-c", FILL, path],
        cwd=code,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    ).stdout
    members = [
        Member(
            user_id=UUID(member["user_id"]),
            address=member["address"],
            token=member["token"],
            passcodes=tuple(map(UUID, member["passcodes"])),
        )
        for member in json.loads(filled)
    ]
    port = processes.free_port()
    command: list[str | Path] = [Path(sys.executable).with_name("hanko-compat"), "serve", "--config", path]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", "1"]
    with processes.running(
        command,
        port=port,
        ready_path="/health/ready",
        environment=environment,
        folder=folder,
        log=folder / "log",
    ) as server:
        yield Side(server, endpoints(members))


def in_turns(sides: Sequence[Side], name: str, *, pairs: int) -> list[tuple[Cost, Cost]]:
    """Pairs of measurements; who comes first changes each time."""
    sides[0].measure(name, WARM_UP)
    times = max(WARM_UP, min(MOST, round(1000 * TURN / sides[1].measure(name, WARM_UP).wall)))
    found: list[tuple[Cost, Cost]] = []
    for number in range(pairs):
        first, second = (0, 1) if number % 2 else (1, 0)
        one, other = sides[first].measure(name, times), sides[second].measure(name, times)
        found.append((one, other) if first == 0 else (other, one))
    return found


def compare(name: str, pairs: list[tuple[Cost, Cost]]) -> tuple[object, ...]:
    """The line of an endpoint: medians of both sides, and quartiles of the ratios pair by pair."""
    cells: list[object] = [name]
    for figure in (attrgetter("cpu"), attrgetter("wall")):
        ratios = [figure(now) / figure(before) for before, now in pairs]
        low, middle, high = statistics.quantiles(ratios, n=4)
        cells += [statistics.median(map(figure, side)) for side in zip(*pairs, strict=True)]
        cells.append(f"{middle:.2f} ({low:.2f} to {high:.2f})")
    return tuple(cells)


@click.command()
@click.option(
    "--against", required=True, metavar="COMMIT", help="With what the code that is here is compared."
)
@click.option("--only", multiple=True, default=[""], help="Only endpoints whose name contains this.")
@click.option("--pairs", default=25, show_default=True, help="Turns of each endpoint on both sides.")
@click.option("--algorithm", default="EdDSA", show_default=True, help="Of the signing key.")
@click.option("--write", is_flag=True, help="Put the table into benchmarks/README.md.")
def main(*, against: str, only: tuple[str, ...], pairs: int, algorithm: str, write: bool) -> None:
    """Measure both sides in turns, and print a table in Markdown."""
    with ExitStack() as stack:
        run = Run.begin()
        stack.callback(run.end)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hanko_compat_bench_")))
        postgres = DurablePostgres(run)
        postgres.start()
        sink = stack.enter_context(MailSink(processes.free_port()))
        sides = [
            stack.enter_context(
                serving(
                    code,
                    postgres.create_database(name),
                    folder / name,
                    algorithm=algorithm,
                    smtp_port=sink.port,
                )
            )
            for name, code in (("before", extract(against, folder / "code")), ("now", ROOT))
        ]
        rows = []
        for name in sides[1].endpoints:
            if any(part in name for part in only):
                rows.append(compare(name, in_turns(sides, name, pairs=pairs)))
                click.echo(f"  {name}: {rows[-1][3]}", err=True)
    headings = ("", f"CPU ms of {against}", "now", "ratio", f"ms of {against}", "now", "ratio")
    setting = f"PostgreSQL, {algorithm}; {pairs} pairs; ratios are medians with their quartiles"
    results = f"{report.machine()}; {setting}.\n\n{report.table(headings, rows)}"
    click.echo(results)
    if write:
        report.write(results, begin=BEGIN, end=END)


if __name__ == "__main__":
    main()
