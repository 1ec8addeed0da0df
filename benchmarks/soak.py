"""Serve mixed traffic at half load for a long time, and see whether anything grows: ``make soak``.

Every so often the memory, the descriptors and the connections of each worker and the rows of every table are
written down, after a clean-up. In the end everything's time is over, and nothing of the visitors may be left.
"""

import csv
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click
import yaml

from benchmarks import processes, report
from benchmarks.processes import Server
from benchmarks.surroundings import Surroundings
from benchmarks.visits import Caller, Tally, Visitor, Visits
from hanko_compat import wiring
from hanko_compat.clock import utc_now
from hanko_compat.config import load
from hanko_compat.storage.models import ALL_TABLES
from hanko_compat.storage.schema import migrate
from hanko_compat.wiring.start import prepare
from tests.backend.server import basic
from tests.servers.postgres import DurablePostgres
from tests.servers.run import Run

WORKERS, THREADS = 2, 4
CALIBRATION = 10  # seconds at full speed
KEPT = timedelta(minutes=1)
"""How long rows are kept during the soak, so that minutes show what days do else."""
SAMPLES = 30
LATER = timedelta(days=100)
"""When the time of everything is over."""
LEFT_ALONE = {"hanko_compat_leases"}
PATIENCE = 180  # seconds until what a hook has refused is sent again
MOST_GROWTH = 8.0
"""MB that a worker may grow between the second quarter and the last: about what the allocator keeps."""
MOST_MORE = 1.5
"""How many times as many rows a table may have in the last quarter: its traffic is not even."""
COUNTED_FOR_DAYS = frozenset({"hanko_compat_rate_limits"})
"""Tables that grow for a day with whatever comes: the end alone tells whether they get empty."""
FEW = 200  # rows, or descriptors of all workers, by which numbers differ anyway
FOLDER = Path("var/soak")
PAGE = Path(__file__).parents[1] / "docs" / "operations.md"
PICTURE = PAGE.parent / "images" / "soak.svg"
BROWN, BLUE, GREY = "#b35900", "#0059b3", "#666"
BEGIN, END = "<!-- soak: written by make soak -->", "<!-- end of soak -->"


@dataclass(frozen=True)
class Sample:
    """One look: ``memory`` in MB of each worker; descriptors and connections of all of them."""

    seconds: float
    memory: tuple[float, ...]
    descriptors: int
    connections: int
    rows: Mapping[str, int]

    @property
    def counts(self) -> int:
        """The rows that grow in number for a day."""
        return sum(number for table, number in self.rows.items() if table in COUNTED_FOR_DAYS)

    @property
    def other_rows(self) -> int:
        """The rows of all other tables."""
        return sum(self.rows.values()) - self.counts


@dataclass(frozen=True)
class Soaked:
    """What came of it; ``left`` are the tables with rows that the visitors have left for ever."""

    samples: list[Sample]
    tally: Tally
    rate: float
    left: Mapping[str, int]

    @property
    def faults(self) -> list[str]:
        """What was not flat, or not answered as it should; none when all is well."""
        return [*self._growth(), *self._answers()]

    def _answers(self) -> Iterator[str]:
        yield from (f"{number} answers {call}" for call, number in self.tally.failures.items())
        yield from (f"{number} rows are left in {table}" for table, number in self.left.items())

    def _growth(self) -> Iterator[str]:
        quarter = max(1, len(self.samples) // 4)
        before, after = self.samples[quarter : 2 * quarter], self.samples[-quarter:]
        grown = _mean(after, lambda each: max(each.memory)) - _mean(before, lambda each: max(each.memory))
        if grown > MOST_GROWTH:
            yield f"a worker has grown by {grown:.1f} MB"
        for name in ("descriptors", "connections"):
            least, most = (max(getattr(each, name) for each in part) for part in (before, after))
            if most > least + WORKERS * THREADS:
                yield f"{name}: {most}, and {least} before"
        for table in self.samples[0].rows.keys() - COUNTED_FOR_DAYS:
            least, most = (max(each.rows[table] for each in part) for part in (before, after))
            if most > MOST_MORE * least + FEW:
                yield f"{table} has {most} rows, and had {least} before"


def _mean(samples: Sequence[Sample], of: Callable[[Sample], float]) -> float:
    return statistics.mean(map(of, samples))


class Soak:
    """A server with a database of its own, and what is seen of it."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder
        self._config = folder / "config.yaml"

    def run(self, *, minutes: float, rate: float | None, samples: int = SAMPLES) -> Soaked:
        """Let visitors come for so long; without a *rate* half as many as there can be."""
        with Surroundings() as around:
            self._config.write_text(yaml.safe_dump(around.settings(self._url)))
            services = wiring.build(load(self._config, environ={}))
            migrate.up(services.database)
            prepare(services)
            new = services.api_secrets.create()
            with self._serving() as server:
                caller = Caller(server.base_url, Tally())
                visitors = around.visitors(caller, basic(new.project_id, new.secret))
                caller.close()
                wait_for_deliveries(services)
                before = rows_of(services)
                rate = rate or self._calibrate(server, visitors)
                seen, pause = [], minutes * 60 / samples
                with Visits(server.base_url, visitors, threads=2 * THREADS, rate=rate) as visits:
                    started = time.monotonic()
                    for number in range(1, samples + 1):
                        time.sleep(max(0.0, started + number * pause - time.monotonic()))
                        services.clean_up.runs.run(kept=KEPT)
                        seen.append(self._look(server, services, time.monotonic() - started))
                wait_for_deliveries(services)
            left = self._left(before)
            services.database.close_all()
        return Soaked(seen, visits.tally, rate, left)

    def _calibrate(self, server: Server, visitors: Sequence[Visitor]) -> float:
        """Half of the visits a second that there can be."""
        with Visits(server.base_url, visitors, threads=2 * THREADS, rate=None) as visits:
            time.sleep(CALIBRATION)
        return max(0.5, visits.tally.visits / CALIBRATION / 2)

    @contextmanager
    def _serving(self) -> Iterator[Server]:
        port = processes.free_port()
        command: list[str | Path] = [Path(sys.executable).with_name("hanko-compat"), "serve"]
        command += ["--config", self._config, "--bind", f"127.0.0.1:{port}"]
        command += ["--workers", str(WORKERS), "--threads", str(THREADS)]
        log = self._folder / "log"
        with processes.running(
            command, port=port, ready_path="/health/ready", environment={}, folder=self._folder, log=log
        ) as server:
            yield server

    def _look(self, server: Server, services: wiring.Services, seconds: float) -> Sample:
        workers = processes.children(server.process.pid)
        return Sample(
            seconds=seconds,
            memory=tuple(sorted((processes.resident(pid) for pid in workers), reverse=True)),
            descriptors=sum(len(descriptors(pid)) for pid in workers),
            connections=connections(services, workers),
            rows=rows_of(services),
        )

    def _left(self, before: Mapping[str, int]) -> dict[str, int]:
        """What nothing deletes, however late it is."""
        services = wiring.build(load(self._config, environ={}), now=_Later())
        try:
            services.clean_up.runs.run()
            after = rows_of(services)
        finally:
            services.database.close_all()
        return {table: more for table, number in after.items() if (more := number - before[table]) > 0}


class _Later:
    """The clock of a day on which everything is over."""

    monotonic = staticmethod(time.monotonic)

    def __call__(self):
        return utc_now() + LATER


def descriptors(pid: int) -> list[str]:
    """What the descriptors of a process refer to."""
    found = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.append(str(link.readlink()))
        except OSError:  # closed meanwhile
            continue
    return found


def connections(services: wiring.Services, workers: Sequence[int]) -> int:
    """How many connections to the database the workers have: on a server, all but the one that asks."""
    database = services.database
    if database.dialect == "sqlite":
        path = str(database.peewee.path)
        return sum(descriptors(pid).count(path) for pid in workers)
    question = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with database.connection():
        return int(database.peewee.execute_sql(question).fetchone()[0])


def wait_for_deliveries(services: wiring.Services) -> None:
    """Return when all is sent, or nobody has the patience any more."""
    until = time.monotonic() + PATIENCE
    while rows_of(services)["hanko_compat_deliveries"] and time.monotonic() < until:
        time.sleep(0.2)


def rows_of(services: wiring.Services) -> dict[str, int]:
    """How many rows each table has."""
    with services.database.connection():
        tables = {model._meta.table_name: model for model in ALL_TABLES}
        return {name: tables[name].select().count() for name in sorted(tables.keys() - LEFT_ALONE)}


def save(soaked: Soaked, path: Path) -> None:
    """Write every sample down, one a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        tables = list(soaked.samples[0].rows)
        writer.writerow(["seconds", "memory_mb", "descriptors", "connections", *tables])
        for each in soaked.samples:
            row = [round(each.seconds), round(max(each.memory), 1), each.descriptors, each.connections]
            writer.writerow([*row, *(each.rows[table] for table in tables)])


def describe(soaked: Soaked) -> str:
    """The samples as a table for people."""
    step = max(1, len(soaked.samples) // 10)
    chosen = [*soaked.samples[::step][:-1], soaked.samples[-1]]
    lines = [
        (
            f"{each.seconds / 60:.1f}",
            max(each.memory),
            each.descriptors,
            each.connections,
            each.other_rows,
            each.counts,
        )
        for each in chosen
    ]
    headings = (
        "minutes",
        "MB of the largest worker",
        "descriptors",
        "connections",
        "rows",
        "rows of counts that last a day",
    )
    tally = soaked.tally
    intro = f"{tally.visits:,} visits, {soaked.rate:.1f} a second, with {tally.requests:,} requests."
    verdict = "; ".join(soaked.faults) or "All is flat, and in the end no row was left of any visitor"
    return f"{intro} {verdict}.\n\n{report.table(headings, lines)}"


def draw(soaked: Soaked) -> str:
    """The curves of memory and rows as a picture; each has its own scale, from zero."""
    width, height, edge = 640, 200, 30
    last = soaked.samples[-1].seconds

    def curve(values: Sequence[float], colour: str) -> str:
        top = max(values) or 1
        points = [
            (
                edge + each.seconds / last * (width - 2 * edge),
                height - edge - value / top * (height - 2 * edge),
            )
            for each, value in zip(soaked.samples, values, strict=True)
        ]
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
        return f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{path}"/>'

    def label(x: int, y: int, text: str, colour: str) -> str:
        return f'<text x="{x}" y="{y}" fill="{colour}">{text}</text>'

    memory = [max(each.memory) for each in soaked.samples]
    rows = [float(each.other_rows) for each in soaked.samples]
    labels = (
        label(edge, 18, f"largest worker, at most {max(memory):.0f} MB", BROWN)
        + label(width // 2, 18, f"rows, at most {max(rows):,.0f}", BLUE)
        + label(width - 4 * edge, height - 8, f"{last / 60:.0f} minutes", GREY)
    )
    axis = f'<path d="M{edge} {edge}V{height - edge}H{width - edge}" fill="none" stroke="{GREY}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif"'
        f' font-size="13">{axis}{labels}{curve(memory, BROWN)}{curve(rows, BLUE)}</svg>\n'
    )


def write(soaked: Soaked) -> None:
    """Put the curve and the table into the page for operators."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    picture = f"![Memory and rows during the soak](images/{PICTURE.name})"
    PAGE.write_text(f"{before}{BEGIN}\n\n{picture}\n\n{describe(soaked)}\n\n{END}{after}")
    PICTURE.write_text(draw(soaked))


@click.command()
@click.option("--minutes", type=click.FloatRange(min=0.5), default=30, show_default=True)
@click.option("--database", type=click.Choice(["postgres", "sqlite"]), default="postgres", show_default=True)
@click.option("--rate", type=float, help="Visits a second. [default: half of what the machine can do]")
@click.option("--write", "writes", is_flag=True, help="Put the curve into docs/operations.md.")
def main(*, minutes: float, database: str, rate: float | None, writes: bool) -> None:
    """Serve mixed traffic for a long time, and fail if anything grows."""
    with ExitStack() as stack:
        run = Run.begin()
        stack.callback(run.end)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hanko_compat_soak_")))
        url = f"sqlite:///{folder}/soak.sqlite3"
        if database == "postgres":
            server = DurablePostgres(run)
            server.start()
            url = server.create_database("soak")
        soaked = Soak(url, folder).run(minutes=minutes, rate=rate)
    save(soaked, FOLDER / f"{database}.csv")
    click.echo(describe(soaked))
    if writes:
        write(soaked)
    sys.exit(1 if soaked.faults else 0)


if __name__ == "__main__":
    main()
