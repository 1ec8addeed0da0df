"""An import of many users, and an export of them: ``python -m benchmarks.import_users --help``.

The commands run as an operator runs them, each in a process of its own, on an empty database.
"""

import json
import os
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, Popen
from uuid import UUID

import click

from benchmarks import report
from benchmarks.__main__ import configuration
from benchmarks.processes import memory_of_all
from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.schema import migrate
from tests.servers.postgres import DurablePostgres
from tests.servers.run import Run

BEGIN, END = (
    "<!-- import: written by python -m benchmarks.import_users --write -->",
    "<!-- end of import -->",
)
HEADINGS = (
    "",
    "users/s",
    "seconds",
    "CPU of the command, s",
    "peak memory, MB",
    "written by the command, MB",
)
LOOK = 0.2  # seconds between two looks at the memory
BLOCK = 512  # bytes, of what the kernel counts as written
HASH = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"
FIRST_DAY = 1_600_000_000  # seconds of Unix time
DAYS = 1_000


def write_users(path: Path, users: int) -> None:
    """Write a file in Hanko's format: an address and a password each; values are in no order."""
    chance = random.Random(7)
    with path.open("w") as file:
        file.write("[")
        for number in range(users):
            moment = time.gmtime(FIRST_DAY + chance.randrange(DAYS * 86_400))
            made = time.strftime("%Y-%m-%dT%H:%M:%S", moment) + f".{chance.randrange(1_000_000):06}Z"
            address = f"{chance.randbytes(5).hex()}{number}@example.com"
            entry = {
                "user_id": str(UUID(int=chance.getrandbits(128), version=4)),
                "emails": [{"address": address, "is_primary": True, "is_verified": True}],
                "password": {"password": HASH, "created_at": made, "updated_at": made},
                "created_at": made,
                "updated_at": made,
            }
            file.write(("," if number else "") + json.dumps(entry))
        file.write("]")


@dataclass(frozen=True)
class Outcome:
    """How long a command took and computed, in seconds; its memory at most, and what it wrote, in bytes.

    All of its processes count: those that it has waited for, as the system says, and their memory together.
    """

    seconds: float
    cpu_seconds: float
    memory: int
    written: int


def run(config: Path, *arguments: str) -> Outcome:
    """Run a command of ``hanko-compat`` to its end.

    Raises:
        RuntimeError: it failed.
    """
    command = [sys.executable, "-m", "hanko_compat", "--config", str(config), *arguments]
    began, memory = time.perf_counter(), 0
    with Popen(command, stdout=DEVNULL, cwd=config.parent) as process:
        while not os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            memory = max(memory, memory_of_all(process.pid))
            time.sleep(LOOK)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{arguments} failed")
    return Outcome(
        seconds=time.perf_counter() - began,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        memory=memory,
        written=usage.ru_oublock * BLOCK,
    )


def row(name: str, users: int, outcome: Outcome) -> tuple[object, ...]:
    """The outcome as a row of the table."""
    times = f"{users / outcome.seconds:,.0f}", f"{outcome.seconds:.0f}", f"{outcome.cpu_seconds:.0f}"
    return name, *times, f"{outcome.memory / 2**20:.0f}", f"{outcome.written / 2**20:,.0f}"


def measure_database(kind: str, url: str, file: Path, users: int) -> list[tuple[object, ...]]:
    """Check, import and export the users of a *file* on the empty database at *url*."""
    folder = file.parent / kind
    folder.mkdir()
    config = configuration(url, "EdDSA", folder, 25)  # no mail is sent
    database = open_database(url)
    migrate.up(database)
    database.close_all()
    rows = []
    for what, *arguments in (
        ("check (`--dry-run`)", "import", str(file), "--dry-run"),
        ("import, the check included", "import", str(file)),
        ("export", "export", "export.json"),
    ):
        click.echo(f"  {kind}: {what}", err=True)
        rows.append(row(f"{kind}: {what}", users, run(config, "users", *arguments)))
        click.echo(f"    {rows[-1]}", err=True)
    return rows


@click.command()
@click.option("--users", default=1_000_000, show_default=True)
@click.option(
    "--database", type=click.Choice(["postgres", "sqlite"]), multiple=True, default=["postgres", "sqlite"]
)
@click.option("--write", is_flag=True, help="Put the table into benchmarks/README.md.")
def main(*, users: int, database: tuple[str, ...], write: bool) -> None:
    """Measure, and print the table in Markdown."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hanko_compat_bench_")))
        file = folder / "users.json"
        write_users(file, users)
        rows = []
        for kind in database:
            if kind == "sqlite":
                url = f"sqlite:///{folder}/db.sqlite3"
            else:
                postgres_run = Run.begin()
                stack.callback(postgres_run.end)
                postgres = DurablePostgres(postgres_run)
                postgres.start()
                url = postgres.create_database("imported")
            rows += measure_database(kind, url, file, users)
    results = f"{report.machine()}; {users:,} users\n\n{report.table(HEADINGS, rows)}"
    click.echo(results)
    if write:
        report.write(results, begin=BEGIN, end=END)


if __name__ == "__main__":
    main()
