"""The server under test as a process of its own: as ``hanko-compat serve`` or under plain gunicorn."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import yaml

from hanko_compat import wiring
from hanko_compat.config import from_mapping
from tests.servers import fork_server, guard
from tests.servers.process import PATIENCE, PAUSE, Server
from tests.servers.run import Run

ROOT = Path(__file__).parents[2]
MODULE = [sys.executable, "-m", "hanko_compat"]
MOST_MEMORY = 110_000  # kB that a worker may take


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: Any


class ApiSecret(NamedTuple):
    """What a server calls ``/v2`` with."""

    project_id: str
    secret: str
    id: str = ""


class ForkServer(Server):
    """Where each process of hanko-compat is forked from, one in a test run: ``ForkServer(run).shared()``."""

    name = "fork_server"

    @property
    def socket(self) -> Path:
        return self.folder / "socket"

    def command(self) -> Sequence[str]:
        """Return the command."""
        return [sys.executable, fork_server.__file__, str(self.socket)]

    def is_ready(self) -> bool:
        """Whether it listens."""
        return self.socket.exists()


class Forked(Server):
    """A command of ``python -m hanko_compat`` that takes no second to import it; any other runs as it is."""

    def launched(self) -> Sequence[str]:
        """Return how the guard starts the command."""
        command = list(self.command())
        if command[:3] != MODULE:
            return command
        server = ForkServer(self.run)
        server.shared()
        return [guard.FORKED, str(server.socket), *command[3:]]


class HankoCompat(Forked):
    """``hanko-compat serve`` with a configuration file of its own."""

    def __init__(self, run: Run, settings: Mapping[str, Any], *, workers: int = 4) -> None:
        super().__init__(run, f"hanko_compat_{uuid4().hex[:12]}")
        self.settings = settings
        self.workers = workers

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.folder.name

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    def install(self) -> None:
        """Write the configuration."""
        self.configure(self.settings)

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Replace the configuration in one step."""
        new = self.folder / "config.new"
        new.write_text(yaml.safe_dump(dict(settings)))
        new.replace(self.config)

    def command(self) -> Sequence[str]:
        """Return the command."""
        return [*MODULE, "serve", *self.options()]

    def options(self) -> Sequence[str]:
        """What ``serve`` and gunicorn call by the same names."""
        return ["--bind", f"127.0.0.1:{self.port}", "--workers", str(self.workers)]

    def is_ready(self) -> bool:
        """Whether all workers are there, and serve with their database."""
        has_all = len(self.worker_pids()) >= self.workers
        return has_all and self.request("GET", "/health/ready").status == 200

    def request(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Send a request on a connection of its own."""
        return ask(self.port, method, path, body, **headers)

    def create_secret(self) -> ApiSecret:
        """Open the backend door, as ``hanko-compat backend-api create-secret`` does."""
        services = wiring.build(from_mapping(self.settings, environ={}))
        try:
            new = services.api_secrets.create()
        finally:
            services.database.close_all()
        return ApiSecret(new.project_id, new.secret, str(new.id))

    def backend_api(self, *arguments: str) -> list[str]:
        """Run ``hanko-compat backend-api``; return the lines it shows."""
        command = [*MODULE, "backend-api", *arguments]
        made = subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True)
        return made.stdout.splitlines()

    def worker_pids(self) -> list[int]:
        """The processes that answer requests: forks of the master, unlike the one that serves metrics."""
        return [pid for pid in children(self.pid) if command_line(pid) == command_line(self.pid)]

    def kill_all(self) -> None:
        """Kill master and workers at once, as when the host loses its power."""
        for pid in [self.pid, *self.worker_pids()]:
            os.kill(pid, signal.SIGKILL)
        self._end(None)

    def hang_up(self) -> None:
        """Ask for the new configuration."""
        os.kill(self.pid, signal.SIGHUP)


class PatientWithRedis(HankoCompat):
    """The same, but it waits for Redis as long as for anything.

    On a busy machine even a Redis that is there may miss the quarter of a second that it has. Then each
    process would count by itself for a while, and no test could tell what all of them let pass.
    """

    def command(self) -> Sequence[str]:
        """Return the command."""
        patient = (
            "from hanko_compat.cli import main\n"
            "from hanko_compat.services.rate_limits import redis_storage\n"
            f"redis_storage.TIMEOUT = {PATIENCE}\n"
            "main(prog_name='hanko-compat')\n"
        )
        return [sys.executable, "-c", patient, "serve", *self.options()]


class UnderGunicorn(HankoCompat):
    """The same from ``gunicorn -c gunicorn.conf.py wsgi:application``."""

    def install(self) -> None:
        """Put the files into one folder, as a deployment does."""
        for name in ("gunicorn.conf.py", "wsgi.py"):
            shutil.copy(ROOT / name, self.folder)
        super().install()

    def command(self) -> Sequence[str]:
        """Return the command."""
        gunicorn = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"]
        return [*gunicorn, *self.options(), *self.inner_address(), "wsgi:application"]

    def inner_address(self) -> Sequence[str]:
        """The address of the backend door: gunicorn's options stand in for those of its file."""
        bind = self.settings.get("hanko_compat", {}).get("backend_api", {}).get("bind")
        return ["--bind", bind] if bind else []


def wait_until(condition: Callable[[], object], *, why: Callable[[], str]) -> None:
    """Wait until *condition* holds; fail with *why* when that takes too long."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, why()
        time.sleep(PAUSE)


def ask(port: int, method: str, path: str, body: object = None, **headers: str) -> Answer:
    """Send a request to *port* of this host on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, **message(body, headers))
        response = connection.getresponse()
        return Answer(response.status, response.headers, parse(response.read()))
    finally:
        connection.close()


def message(body: object, headers: Mapping[str, str]) -> dict[str, Any]:
    """Body and headers for http.client; underscores in the names of *headers* stand for hyphens."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is None:
        return {"headers": fields}
    return {"body": json.dumps(body), "headers": {"Content-Type": "application/json", **fields}}


def parse(content: bytes) -> Any:
    """JSON, or else the bytes."""
    try:
        return json.loads(content)
    except ValueError:
        return content


def children(pid: int) -> list[int]:
    """The child processes of *pid*."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class WithoutDelivery(HankoCompat):
    """A server that leaves its mails to workers."""

    def options(self) -> Sequence[str]:
        """What ``serve`` gets."""
        return [*super().options(), "--without-delivery"]


class MailWorker(Forked):
    """``hanko-compat worker`` with a configuration file of its own."""

    def __init__(self, run: Run, settings: Mapping[str, Any]) -> None:
        super().__init__(run, f"worker_{uuid4().hex[:12]}")
        self.settings = settings

    def install(self) -> None:
        """Write the configuration."""
        (self.folder / "config.yaml").write_text(yaml.safe_dump(dict(self.settings)))

    def command(self) -> Sequence[str]:
        """Return the command; the port is that of its metrics."""
        return [*MODULE, "worker", "--metrics", f"127.0.0.1:{self.port}"]

    def is_ready(self) -> bool:
        """Whether it says that it delivers."""
        return '"delivering"' in self.log.read_text()


def resident(pid: int) -> int:
    """Resident memory of a process in kB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def is_stopped(pid: int) -> bool:
    """Whether every thread of *pid* has been stopped by a signal."""
    stats = [file.read_text() for file in Path(f"/proc/{pid}/task").glob("*/stat")]
    return bool(stats) and all(stat.rpartition(")")[2].split()[0] == "T" for stat in stats)


def command_line(pid: int) -> str:
    """How *pid* was started; "" when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
