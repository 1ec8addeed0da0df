"""Measure how long others wait for their log-ins under a flood: ``python -m benchmarks.flood --help``."""

import http.client
import json
import ssl
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from uuid import uuid4

import click
import yaml

from benchmarks import processes, report, seed
from hanko_compat import wiring
from hanko_compat.config import load
from hanko_compat.storage.schema import migrate
from hanko_compat.wiring.start import prepare
from tests.servers.nginx import Nginx
from tests.servers.postgres import DurablePostgres
from tests.servers.run import Run

BEGIN = "<!-- a flood: written by python -m benchmarks.flood --write -->"
END = "<!-- end of a flood -->"
HEADINGS = ("", "others: p50 ms", "p99 ms", "longest ms", "of them 200", "answers to the flood")
WITHOUT_EFFECT = {
    "login_per_client": {"tokens": 1_000_000},
    "wrong_guesses": {"client": {"first_day": 1_000_000, "further_days": 1_000_000}},
}
WARM_UP = 12  # log-ins before the flood, so that no process is at its first
PATIENCE = 60  # seconds


@dataclass(frozen=True)
class Flood:
    """Wrong passwords of random users, from so many clients together."""

    name: str
    clients: int
    is_limited: bool = True  # by `login_per_client`


FLOODS = (
    Flood("no flood", 0),
    Flood("from one client", 1),
    Flood("from one client, without limits per client", 1, is_limited=False),
    Flood("from 100 clients", 100),
)


@dataclass(frozen=True)
class Answer:
    """The status of an answer, and how long it took in milliseconds."""

    status: int
    took: float


class Door:
    """The public door behind nginx, for clients with loopback addresses of their own."""

    def __init__(self, nginx: Nginx) -> None:
        self._port = nginx.port
        self._context = ssl.create_default_context(cafile=str(nginx.ca))

    def log_in(self, user_id: str, password: str, *, address: str) -> Answer:
        """Try a password over a new connection from *address*."""
        began = time.perf_counter()
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self._port, timeout=PATIENCE, context=self._context, source_address=(address, 0)
        )
        with closing(connection):
            body = json.dumps({"user_id": user_id, "password": password})
            connection.request("POST", "/password/login", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
        return Answer(response.status, (time.perf_counter() - began) * 1000)


def pour(
    send: Callable[[int], Answer], *, per_second: float, until: Callable[[], bool], threads: int
) -> list[Answer]:
    """Send at a steady rate, whatever is answered and when; return the answers."""
    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        calls = []
        for number in count():
            time.sleep(max(0.0, began + number / per_second - time.perf_counter()))
            if until():
                break
            calls.append(pool.submit(send, number))
        return [call.result() for call in calls]


def measure(
    door: Door, members: list[seed.Member], flood: Flood, *, seconds: int, rates: tuple[float, float]
) -> tuple[list[Answer], list[Answer]]:
    """The answers to others and to the *flood*; *rates* are log-ins per second of both."""
    over = threading.Event()

    def attack(number: int) -> Answer:
        client = number % flood.clients
        return door.log_in(str(uuid4()), "wrong", address=f"127.66.0.{client + 1}")

    def visit(number: int) -> Answer:
        address = f"127.1.{number // 250}.{number % 250 + 1}"
        member = members[number % len(members)]
        return door.log_in(str(member.user_id), seed.PASSWORD, address=address)

    for number in range(WARM_UP):
        visit(number)
    with ThreadPoolExecutor(1) as pool:
        flooding = None
        if flood.clients:
            flooding = pool.submit(pour, attack, per_second=rates[1], until=over.is_set, threads=300)
        ends_at = time.perf_counter() + seconds
        others = pour(
            lambda number: visit(number + WARM_UP),
            per_second=rates[0],
            until=lambda: time.perf_counter() > ends_at,
            threads=100,
        )
        over.set()
        return others, flooding.result() if flooding else []


def row(flood: Flood, others: list[Answer], flooders: list[Answer]) -> tuple[object, ...]:
    """One line of the table."""
    times = sorted(answer.took for answer in others)
    good = sum(answer.status == 200 for answer in others)
    statuses = Counter(answer.status for answer in flooders)
    told = ", ".join(f"{number} of {status}" for status, number in sorted(statuses.items()))
    longest = float(times[-1])
    p99 = statistics.quantiles(times, n=100, method="inclusive")[98]
    return (flood.name, statistics.median(times), p99, longest, f"{good} of {len(others)}", told)


@contextmanager
def serving(flood: Flood, url: str, folder: Path, *, workers: int, run: Run) -> Iterator[Door]:
    """Serve the database at *url* behind nginx, with the limits that are the default."""
    port = processes.free_port()
    path = configuration(flood, url, folder)
    command = [Path(sys.executable).with_name("hanko-compat"), "serve", "--config", path]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", str(workers)]
    log = folder / "server.log"
    with processes.running(
        command, port=port, ready_path="/health/ready", environment={}, folder=folder, log=log
    ):
        nginx = Nginx(run, port)
        nginx.start()
        try:
            yield Door(nginx)
        finally:
            nginx.stop()


def configuration(flood: Flood, url: str, folder: Path) -> Path:
    """Write the configuration of the measured server."""
    limits = {} if flood.is_limited else WITHOUT_EFFECT
    settings = {
        "database": {"url": url},
        "secrets": {"keys": ["a secret of the benchmark only"]},
        "mfa": {"enabled": False},
        "hanko_compat": {"limits": limits, "trusted_proxies": ["127.0.0.1/32"]},
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path


@click.command()
@click.option("--seconds", default=30, show_default=True, help="Of each flood.")
@click.option("--others", default=1.0, show_default=True, help="Log-ins per second, each of another client.")
@click.option("--rate", default=19.0, show_default=True, help="Log-ins per second of the flood.")
@click.option("--workers", default=4, show_default=True)
@click.option("--write", is_flag=True, help="Put the table into benchmarks/README.md.")
def main(seconds: int, others: float, rate: float, workers: int, write: bool) -> None:
    """Measure log-ins on PostgreSQL, through nginx, and print a table in Markdown."""
    rows = []
    with ExitStack() as stack:
        run = Run.begin()
        stack.callback(run.end)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hanko_compat_bench_")))
        postgres = DurablePostgres(run)
        postgres.start()
        for number, flood in enumerate(FLOODS):
            click.echo(f"  {flood.name}", err=True)
            url = postgres.create_database(f"flood{number}")
            services = wiring.build(load(configuration(flood, url, folder), environ={}))
            migrate.up(services.database)
            prepare(services)
            members = seed.seed(services)
            services.database.close_all()
            with serving(flood, url, folder, workers=workers, run=run) as door:
                answers = measure(door, members, flood, seconds=seconds, rates=(others, rate))
            rows.append(row(flood, *answers))
            click.echo(f"  {rows[-1]}", err=True)
    how = (
        f"each second {others:g} log-in of others and {rate:g} tries of the flood, for {seconds} seconds; "
        f"{workers} workers."
    )
    results = f"{report.machine()}; {how}\n\n{report.table(HEADINGS, rows)}"
    click.echo(results)
    if write:
        report.write(results, begin=BEGIN, end=END)


if __name__ == "__main__":
    main()
