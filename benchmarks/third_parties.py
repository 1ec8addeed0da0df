"""Sign-ups through a provider beside plain ones: ``python -m benchmarks.third_parties --help``.

The provider is nginx with answers that are written down, which takes next to no time of the machine: what is
measured is our own work, the two requests to the provider among it.
"""

import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
import yaml

from benchmarks import processes, report
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


def measure_both(
    url: str, folder: Path, *, rounds: int, seconds: int, connections: int, workers: int
) -> tuple[Measurement, Measurement]:
    """Plain sign-ups and those through the provider, in turns, on the database at *url*."""
    port = processes.free_port()
    with provider(folder) as base_url:
        path = configuration(url, "RS256-4096", folder, processes.free_port())
        add_provider(path, base_url, port)
        services = wiring.build(load(path, environ={}))
        migrate.up(services.database)
        prepare(services)
        services.database.close_all()
        command = [Path(sys.executable).with_name("hanko-compat"), "serve", "--config", path]
        command += ["--bind", f"127.0.0.1:{port}", "--workers", str(workers)]
        log = folder / "ours.log"
        with processes.running(
            command, port=port, ready_path="/health/ready", environment={}, folder=folder, log=log
        ) as server:
            plain, through = [], []
            for _ in range(rounds):
                plain.append(measure(server.base_url, PLAIN, seconds=seconds, connections=connections))
                server.settle()
                through.append(drive(server.base_url, SCRIPT, {}, seconds=seconds, connections=connections))
                server.settle()
    return median(plain), median(through)


@click.command()
@click.option("--rounds", default=5, show_default=True)
@click.option("--seconds", default=4, show_default=True, help="Of each round.")
@click.option("--connections", default=4, show_default=True)
@click.option("--workers", default=2, show_default=True)
@click.option("--write", is_flag=True, help="Put the tables into benchmarks/README.md.")
def main(*, write: bool, **plan: int) -> None:
    """Measure, and print the tables in Markdown."""
    parts = [f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, RS256-4096"]
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
            plain, through = measure_both(url, place, **plan)
            table = report.table(HEADINGS, [row(PLAIN.name, plain), row(SIGN_UP, through)])
            share = f"Sign-ups through a provider reach {through.rate / plain.rate:.2f} of the others."
            parts.append(f"### {kind}\n\n{table}\n\n{share}")
    results = "\n\n".join(parts)
    click.echo(results)
    if write:
        report.write(results, begin=BEGIN, end=END)


if __name__ == "__main__":
    main()
