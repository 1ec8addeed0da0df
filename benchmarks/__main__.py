"""Measure the server, its rivals and the machine: ``python -m benchmarks --help``."""

import os
import platform
import shutil
import statistics
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click
import yaml
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from benchmarks import endpoints, passkeys, processes, report, rivals, seed, yardsticks
from benchmarks.load import Endpoint, Measurement, measure, measure_during, median
from benchmarks.rivals import sessions
from hanko_compat import wiring
from hanko_compat.config import load
from hanko_compat.storage import migrate
from tests.servers.postgres import FOLDERS, Postgres
from tests.servers.run import Run

HEADINGS = ("", "requests/s", "p50 ms", "p99 ms", "answers that failed")
FLOODED = "`GET /sessions/validate` under a flood of `POST /password/login`"
ENVIRONMENTS = Path("var/benchmarks")


@dataclass(frozen=True)
class Plan:
    """How long and how hard: rounds of so many seconds over so many connections."""

    rounds: int
    seconds: int
    connections: int
    workers: int
    threads: int

    def measure(self, base_url: str, endpoint: Endpoint) -> Measurement:
        """The median of the rounds."""
        click.echo(f"  {endpoint.name}", err=True)
        return median(
            [
                measure(
                    base_url,
                    endpoint.of_round(number, self.rounds),
                    seconds=self.seconds,
                    connections=self.connections,
                )
                for number in range(self.rounds)
            ]
        )

    def measure_flooded(self, base_url: str, endpoint: Endpoint, flood: Endpoint) -> Measurement:
        """The median of the rounds in which eight times as many connections ask for something else."""
        click.echo(f"  {endpoint.name}, flooded", err=True)
        flooding = 8 * self.connections
        return median(
            [
                measure_during(base_url, endpoint, flood, seconds=self.seconds, connections=flooding)
                for _ in range(self.rounds)
            ]
        )


def row(name: str, found: Measurement) -> tuple[object, ...]:
    """One line of a table."""
    return (name, found.rate, found.p50, found.p99, found.errors)


def configuration(url: str, algorithm: str, folder: Path, smtp_port: int) -> Path:
    """Write the configuration of the measured server: verification off, rate limits off, mails to a sink."""
    path = folder / "config.yaml"
    settings = {
        "database": {"url": url},
        "secrets": {"keys": ["a secret of the benchmark only"]},
        "email": {"require_verification": False},
        "rate_limiter": {"enabled": False},
        "mfa": {"enabled": False},
        "email_delivery": {"smtp": {"host": "127.0.0.1", "port": str(smtp_port)}},
        "session": {"limit": 5},
        "hanko_compat": {"jwk": {"algorithm": algorithm}},
    }
    path.write_text(yaml.safe_dump(settings))
    return path


def measure_ours(url: str, algorithm: str, plan: Plan, folder: Path, only: str) -> str:
    """Seed the database at *url*, serve it, measure each endpoint, and weigh the workers."""
    mails = Controller(Sink(), hostname="127.0.0.1", port=processes.free_port())
    path = configuration(url, algorithm, folder, mails.port)
    services = wiring.build(load(path, environ={}))
    migrate.up(services.database)
    wiring.prepare(services)
    members = seed.seed(services)
    credentials = passkeys.add_passkeys(services, members)
    services.database.close_all()
    mails.start()
    port = processes.free_port()
    command = [Path(sys.executable).with_name("hanko-compat"), "serve", "--config", path]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", plan.workers, "--threads", plan.threads]
    with processes.running(
        command, port=port, ready_path="/health/ready", environment={}, folder=folder, log=folder / "ours.log"
    ) as server:
        chosen = [one for one in endpoints.endpoints(members) if only in one.name]
        rows = [row(one.name, plan.measure(server.base_url, one)) for one in chosen]
        if only in FLOODED:
            check, flood = endpoints.session_check(members), endpoints.password_login(members)
            rows.append(row(FLOODED, plan.measure_flooded(server.base_url, check, flood)))
        log_ins = ""
        if only in passkeys.LOG_IN:
            click.echo(f"  {passkeys.LOG_IN}", err=True)
            found = passkeys.measure(
                server.base_url, services, credentials, rounds=plan.rounds, seconds=plan.seconds
            )
            rows.append(row(passkeys.LOG_IN, found.measurement))
            alone = passkeys.signing_alone(algorithm)
            rows.append((passkeys.SIGNING, alone, "", "", ""))
            log_ins = passkeys.describe(found, alone)
        memory = server.worker_memory()
    mails.stop()
    weight = f"{statistics.mean(memory):.0f} MB resident per worker (largest {memory[0]:.0f} MB)"
    return (
        report.table(HEADINGS, rows)
        + round_trips(rows)
        + log_ins
        + f"\n\nStart {server.start_seconds:.1f} s; {weight}."
    )


def round_trips(rows: list[tuple[object, ...]]) -> str:
    """What the two halves of a log-in by passcode come to."""
    rates = {str(name): rate for name, rate, *_ in rows if isinstance(rate, float) and rate}
    halves = [rates.get(endpoints.INITIALIZE), rates.get(endpoints.FINALIZE)]
    if None in halves:
        return ""
    whole = 1 / sum(1 / half for half in halves if half)
    return f"\n\nPasscode round trips (initialize and finalize): {report.text(whole)}/s."


def measure_rival(rival: rivals.Rival, url: str, plan: Plan, folder: Path) -> list[tuple[object, ...]]:
    """Serve one rival on the empty database at *url* and measure sign-up and session check."""
    gunicorn = rivals.install(rival, ENVIRONMENTS.absolute())
    port = processes.free_port()
    command = [gunicorn, "--preload", "--no-control-socket", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", plan.workers, "--threads", plan.threads, rival.application]
    with processes.running(
        command,
        port=port,
        ready_path="/",
        environment={"BENCHMARK_DATABASE": url},
        folder=rivals.FOLDER,
        log=folder / f"{rival.module}.log",
    ) as server:
        tokens = sessions.open_sessions(rival, server.base_url)
        check = Endpoint("session check", rival.session_path, header=rival.session_header, values=tokens)
        return [
            row(f"{rival.name}: {one.name}", plan.measure(server.base_url, one))
            for one in (rival.signup, check)
        ]


def measure_machine(postgres: Postgres) -> str:
    """The machine's own speed."""
    rows = [(f"{name} signature / verification, ms", *pair) for name, pair in yardsticks.signatures().items()]
    lines = [report.table(("one core, Python", "sign", "verify"), rows)]
    binaries = next(folder for folder in FOLDERS if shutil.which("pgbench", path=folder))
    found = yardsticks.pgbench(binaries, postgres.create_database("pgbench"))
    lines.append(", ".join(f"`pgbench {flag}` with 4 clients: {rate:,.0f}/s" for flag, rate in found.items()))
    lines.append(
        f"bcrypt alone, cost 12, every core: {report.text(yardsticks.password_checks())} passwords/s"
    )
    return "\n\n".join(lines)


@click.command()
@click.option(
    "--database", type=click.Choice(["postgres", "sqlite"]), multiple=True, default=["postgres", "sqlite"]
)
@click.option(
    "--algorithm", multiple=True, default=["RS256-4096", "EdDSA"], help="Signing keys to measure with."
)
@click.option("--only", default="", help="Only endpoints whose name contains this.")
@click.option("--rounds", default=3, show_default=True)
@click.option("--seconds", default=4, show_default=True, help="Of each round.")
@click.option("--connections", default=4, show_default=True)
@click.option("--workers", default=2, show_default=True)
@click.option("--threads", default=8, show_default=True, help="Of each worker; as `serve` has by default.")
@click.option("--without-rivals", is_flag=True, help="Leave out Flask-Security-Too and django-allauth.")
@click.option("--write", is_flag=True, help="Put the tables into benchmarks/README.md.")
def main(
    database: tuple[str, ...],
    algorithm: tuple[str, ...],
    only: str,
    without_rivals: bool,
    write: bool,
    **plan: int,
) -> None:
    """Measure, and print the tables in Markdown."""
    chosen = Plan(**plan)
    parts = [f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"]
    with ExitStack() as stack:
        run = Run.begin()
        stack.callback(run.end)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hanko_compat_bench_")))
        postgres = Postgres(run)
        postgres.start()
        parts.append(f"### The machine\n\n{measure_machine(postgres)}")
        for kind in database:
            for name in algorithm:
                click.echo(f"{kind}, {name}", err=True)
                place = folder / f"{kind}-{name}"
                place.mkdir()
                url = f"sqlite:///{place}/db" if kind == "sqlite" else postgres.create_database("ours")
                parts.append(f"### {kind}, {name}\n\n" + measure_ours(url, name, chosen, place, only))
        if not without_rivals:
            rows = []
            for rival in rivals.ALL:
                click.echo(rival.name, err=True)
                rows += measure_rival(rival, postgres.create_database(rival.module), chosen, folder)
            parts.append("### The same work elsewhere, on PostgreSQL\n\n" + report.table(HEADINGS, rows))
    results = "\n\n".join(parts)
    click.echo(results)
    if write:
        report.write(results)


if __name__ == "__main__":
    main()
