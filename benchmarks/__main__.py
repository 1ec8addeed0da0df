"""Measure the server, its rivals and the machine: ``python -m benchmarks --help``."""

import shutil
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click
import yaml

from benchmarks import endpoints, passkeys, processes, report, rivals, seed, yardsticks
from benchmarks.load import Endpoint, Measurement, measure, measure_during, median
from benchmarks.mail_sink import MailSink
from benchmarks.processes import Server
from benchmarks.rivals import sessions
from hanko_compat import wiring
from hanko_compat.config import load
from hanko_compat.storage.schema import migrate
from hanko_compat.wiring.start import prepare
from tests.servers.postgres import FOLDERS, DurablePostgres
from tests.servers.run import Run

HEADINGS = ("", "requests/s", "p50 ms", "p99 ms", "answers that failed")
MAILS_PATIENCE = 120  # seconds until the mails of a round are delivered
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

    def measure(self, server: Server, endpoint: Endpoint, *, sink: MailSink | None = None) -> Measurement:
        """The median of the rounds; one that causes mails ends when the *sink* has them."""
        click.echo(f"  {endpoint.name}", err=True)
        return median([self._round(server, endpoint, number, sink) for number in range(self.rounds)])

    def _round(self, server: Server, endpoint: Endpoint, number: int, sink: MailSink | None) -> Measurement:
        before = sink.received if sink else 0
        found = measure(
            server.base_url,
            endpoint.of_round(number, self.rounds),
            seconds=self.seconds * endpoint.length,
            connections=self.connections,
        )
        if sink and endpoint.mails:
            ended = time.perf_counter()
            sink.wait_for(before + round(found.rate * found.seconds), patience=MAILS_PATIENCE)
            found = found.lasting(time.perf_counter() - ended)
        server.settle()
        return found

    def measure_flooded(self, server: Server, endpoint: Endpoint, flood: Endpoint) -> Measurement:
        """The median of the rounds in which eight times as many connections ask for something else."""
        click.echo(f"  {endpoint.name}, flooded", err=True)
        flooding, found = 8 * self.connections, []
        for _ in range(self.rounds):
            found.append(
                measure_during(server.base_url, endpoint, flood, seconds=self.seconds, connections=flooding)
            )
            server.settle()
        return median(found)


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
    sink = MailSink(processes.free_port())
    path = configuration(url, algorithm, folder, sink.port)
    services = wiring.build(load(path, environ={}))
    migrate.up(services.database)
    prepare(services)
    members = seed.seed(services)
    credentials = passkeys.add_passkeys(services, members)
    services.database.close_all()
    port = processes.free_port()
    command = [Path(sys.executable).with_name("hanko-compat"), "serve", "--config", path]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", plan.workers, "--threads", plan.threads]
    alone = yardsticks.password_checks()
    with (
        sink,
        processes.running(
            command,
            port=port,
            ready_path="/health/ready",
            environment={},
            folder=folder,
            log=folder / "ours.log",
        ) as server,
    ):
        chosen = [one for one in endpoints.endpoints(members) if only in one.name]
        found = {one.name: plan.measure(server, one, sink=sink) for one in chosen}
        if only in FLOODED:
            check, flood = endpoints.session_check(members), endpoints.password_login(members)
            found[FLOODED] = plan.measure_flooded(server, check, flood)
        rows = [row(name, one) for name, one in found.items()]
        login = ""
        if only in passkeys.LOG_IN:
            click.echo(f"  {passkeys.LOG_IN}", err=True)
            signed = passkeys.measure(
                server.base_url, services, credentials, rounds=plan.rounds, seconds=plan.seconds
            )
            signatures = passkeys.signing_alone(algorithm)
            rows += [row(passkeys.LOG_IN, signed.measurement), (passkeys.SIGNING, signatures, "", "", "")]
            login = passkeys.describe(signed, signatures)
        memory = server.worker_memory()
    alone = statistics.mean([alone, yardsticks.password_checks()])
    weight = f"{statistics.mean(memory):.0f} MB resident per worker (largest {memory[0]:.0f} MB)"
    return (
        report.table(HEADINGS, rows)
        + beside_bcrypt({name: one.rate for name, one in found.items()}, alone)
        + login
        + f"\n\nStart {server.start_seconds:.1f} s; {weight}."
    )


def beside_bcrypt(rates: dict[str, float], alone: float) -> str:
    """Both kinds of log-in, as parts of the passwords that bcrypt *alone* compares in a second."""
    lines = []
    if endpoints.LOG_IN in rates:
        part = rates[endpoints.LOG_IN] / alone
        lines.append(f"password log-ins {part:.2f} times as many")
    halves = [rates[name] for name in (endpoints.INITIALIZE, endpoints.FINALIZE) if rates.get(name)]
    if len(halves) == 2:
        whole = 1 / sum(1 / half for half in halves)
        times = whole / alone
        lines.append(
            f"passcode round trips, mails included, {report.text(whole)}/s, {times:.1f} times as many"
        )
    if not lines:
        return ""
    return f"\n\nbcrypt alone before and after: {report.text(alone)} passwords/s; {'; '.join(lines)}."


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
        return [row(f"{rival.name}: {one.name}", plan.measure(server, one)) for one in (rival.signup, check)]


def measure_machine(postgres: DurablePostgres) -> str:
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
    parts = [report.machine()]
    with ExitStack() as stack:
        run = Run.begin()
        stack.callback(run.end)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hanko_compat_bench_")))
        postgres = DurablePostgres(run)
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
