"""Sign-ups through a provider beside plain ones: ``python -m benchmarks.third_parties --help``.

The provider is nginx with answers that are written down. It takes little of the machine, but asking it is
work as well: to tell that apart the same is measured once more with users that are invented instead. The
server's own CPU time counts beside its rate, as three requests cost wrk more than the one of a plain sign-up.
The server has a core to itself, where there are two: what wrk, the database and the provider take is theirs.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median as middle

import click
import yaml

from benchmarks import cores, processes, report
from benchmarks.__main__ import HEADINGS, configuration, row
from benchmarks.load import Endpoint, Measurement, drive, measure, median
from hanko_compat import wiring
from hanko_compat.config import load
from hanko_compat.storage.schema import migrate
from hanko_compat.wiring.start import prepare
from tests.servers.postgres import DurablePostgres
from tests.servers.process import find_program
from tests.servers.run import Run

SCRIPT = Path(__file__).with_name("third_parties.lua")
BEGIN, END = (
    "<!-- third parties: written by python -m benchmarks.third_parties -->",
    "<!-- end of third parties -->",
)
PLAIN = Endpoint("`POST /users` (with session)", "/users", "POST", '{"email": "%2-%1@example.com"}')
SIGN_UP = "sign-ups through a provider (3 requests)"
ALONE = "without what the provider takes"
PROVIDER = """\
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
worker_processes 1;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    default_type application/json;
    keepalive_requests 1000000;
    server {{
        listen 127.0.0.1:{port};
        location /token {{ return 200 '{{"access_token": "token", "token_type": "Bearer"}}'; }}
        location /userinfo {{
            set $user '{{"sub": "$request_id", "email": "$request_id@example.com", "email_verified": true';
            return 200 '$user, "name": "A Member", "picture": "https://example.com/picture.png"}}';
        }}
    }}
}}
"""


@contextmanager
def provider(folder: Path) -> Iterator[str]:
    """A provider that vouches for a new user at each request; yields its URL."""
    port = processes.free_port()
    path = folder / "provider.conf"
    path.write_text(PROVIDER.format(folder=folder, port=port))
    command = [find_program("nginx"), "-e", "stderr", "-c", path]
    log = folder / "provider.log"
    with processes.running(
        command, port=port, ready_path="/token", environment={}, folder=folder, log=log
    ) as server:
        yield server.base_url


def add_provider(path: Path, base_url: str, port: int) -> None:
    """Let the configuration at *path* know the provider."""
    settings = yaml.safe_load(path.read_text())
    settings["third_party"] = {
        "redirect_url": f"http://127.0.0.1:{port}/thirdparty/callback",
        "error_redirect_url": "http://localhost:8888/error",
        "allowed_redirect_urls": ["http://localhost:8888/done"],
        "custom_providers": {
            "bench": {
                "enabled": True,
                "display_name": "Benchmark",
                "client_id": "client",
                "secret": "secret",
                "scopes": ["openid", "email"],
                "use_discovery": False,
                "authorization_endpoint": f"{base_url}/authorize",
                "token_endpoint": f"{base_url}/token",
                "userinfo_endpoint": f"{base_url}/userinfo",
            }
        },
    }
    path.write_text(yaml.safe_dump(settings))


@dataclass(frozen=True)
class Cost:
    """A kind of sign-up: what wrk has seen, and the milliseconds that the server has computed for each."""

    seen: Measurement
    cpu: float

    def share_of(self, other: "Cost") -> str:
        """How this one compares with *other*, by rate and by CPU time."""
        return f"{self.seen.rate / other.seen.rate:.2f} by rate, {other.cpu / self.cpu:.2f} by CPU time"


Pair = tuple[Cost, Cost]


def measure_in_turns(
    command: list[str | Path], port: int, folder: Path, *, rounds: int, seconds: int, connections: int
) -> Pair:
    """Plain sign-ups and those through a provider, at the server that *command* starts."""
    found: dict[str, list[tuple[Measurement, float]]] = {PLAIN.name: [], SIGN_UP: []}
    log = folder / "ours.log"
    with processes.running(
        command, port=port, ready_path="/health/ready", environment={}, folder=folder, log=log
    ) as server:
        kinds: dict[str, Callable[[], Measurement]] = {
            PLAIN.name: lambda: measure(server.base_url, PLAIN, seconds=seconds, connections=connections),
            SIGN_UP: lambda: drive(server.base_url, SCRIPT, {}, seconds=seconds, connections=connections),
        }
        for _ in range(rounds):
            for name, run in kinds.items():
                server.settle()
                before = server.worked()
                seen = run()
                server.settle()
                found[name].append((seen, 1000 * (server.worked() - before) / (seen.rate * seen.seconds)))
    plain, through = (
        Cost(median([seen for seen, _ in results]), middle(cpu for _, cpu in results))
        for results in found.values()
    )
    return plain, through


def measure_all(url: str, folder: Path, *, core: int | None, workers: int, **plan: int) -> tuple[Pair, Pair]:
    """Plain sign-ups and those through the provider, on the database at *url*; the same with invented users.

    The server runs on *core* alone.
    Each is compared with what was measured in turns with it: a machine may be slower a minute later.
    """
    port = processes.free_port()
    with provider(folder) as base_url:
        path = configuration(url, "RS256-4096", folder, processes.free_port())
        add_provider(path, base_url, port)
        services = wiring.build(load(path, environ={}))
        migrate.up(services.database)
        prepare(services)
        services.database.close_all()
        options = ["serve", "--config", path, "--bind", f"127.0.0.1:{port}", "--workers", str(workers)]
        program: list[str | Path] = [Path(sys.executable).with_name("hanko-compat")]
        asked = measure_in_turns(cores.on(core, [*program, *options]), port, folder, **plan)
        program = [sys.executable, Path(__file__).with_name("without_provider.py")]
        invented = measure_in_turns(cores.on(core, [*program, *options]), port, folder, **plan)
    return asked, invented


@click.command()
@click.option("--rounds", default=5, show_default=True)
@click.option("--seconds", default=4, show_default=True, help="Of each round.")
@click.option("--connections", default=4, show_default=True)
@click.option("--workers", default=2, show_default=True)
@click.option("--write", is_flag=True, help="Put the tables into benchmarks/README.md.")
def main(*, write: bool, **plan: int) -> None:
    """Measure, and print the tables in Markdown."""
    core = cores.leave_one()
    where = "with a core to itself" if core is not None else "on the only core"
    parts = [f"{report.machine()}, RS256-4096; the server {where}"]
    with ExitStack() as stack:
        run = Run.begin()
        stack.callback(run.end)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hanko_compat_bench_")))
        postgres = DurablePostgres(run)
        postgres.start()
        for kind in ("postgres", "sqlite"):
            click.echo(kind, err=True)
            place = folder / kind
            place.mkdir()
            url = f"sqlite:///{place}/db" if kind == "sqlite" else postgres.create_database("ours")
            (plain, through), (plain_then, alone) = measure_all(url, place, core=core, **plan)
            names = {
                PLAIN.name: plain,
                SIGN_UP: through,
                f"{PLAIN.name}, a minute later": plain_then,
                f"{SIGN_UP}, {ALONE}": alone,
            }
            table = report.table(
                (*HEADINGS, "server's CPU, ms"),
                [(*row(name, cost.seen), cost.cpu) for name, cost in names.items()],
            )
            shares = f"Sign-ups through a provider reach {through.share_of(plain)}; {ALONE}, "
            parts.append(f"### {kind}\n\n{table}\n\n{shares}{alone.share_of(plain_then)}.")
    results = "\n\n".join(parts)
    click.echo(results)
    if write:
        report.write(results, begin=BEGIN, end=END)


if __name__ == "__main__":
    main()
