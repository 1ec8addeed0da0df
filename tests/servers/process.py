"""A server process on a free port: start, stop, kill, start again."""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from tests.servers import guard
from tests.servers.run import Run

PATIENCE = 120  # seconds until something has failed; generous for a busy machine
PAUSE = 0.05  # seconds between two looks


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now.

    It is none of those that kernels lend to clients: a client could get it before the server does.
    """
    while True:
        port = random.randrange(10_000, 30_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def own_name(database: str) -> str:
    """A name for *database* that no other process of the test run uses: they share the servers."""
    return f"{database}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


def find_program(name: str, *folders: str) -> str:
    """The path of the program *name*; a test that needs a missing one is skipped (in CI: fails)."""
    path = shutil.which(name, path=os.pathsep.join([*folders, os.environ.get("PATH", ""), "/usr/sbin"]))
    if path is None:
        pytest.skip(f"the program {name} is not installed (`make test` installs it when run as root)")
    return path


class Server:
    """A server with a folder and a port of its own. Subclasses say how it is made, run and asked."""

    name: ClassVar[str]
    user: ClassVar[str] = ""  # whom the server runs as when the tests run as root
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, run: Run, name: str | None = None) -> None:
        self.run = run
        self.folder = run.folder / (name or self.name)
        self.guard: subprocess.Popen[bytes] | None = None

    def install(self) -> None:
        """Make what has to be there before the first start."""

    def command(self) -> Sequence[str]:
        """Return the program and its arguments."""
        raise NotImplementedError

    def launched(self) -> Sequence[str]:
        """Return how the guard starts the command: as it is, or by a fork server."""
        return self.command()

    def is_ready(self) -> bool:
        """Whether the server answers; any failure to connect may be raised as OSError."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True

    @property
    def port(self) -> int:
        return int((self.folder / "port").read_text())

    @property
    def pid(self) -> int:
        return int((self.folder / "pid").read_text())

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def run_as(self) -> str:
        """The user of the server; "" is the one that runs the tests."""
        return self.user if os.geteuid() == 0 else ""

    def shared(self) -> "Server":
        """Start the server unless another process of this test run has done so."""
        with self.run.only_one(self.name):
            if not (self.folder / "ready").exists():
                self.start()
                (self.folder / "ready").touch()
        return self

    def start(self) -> None:
        """Start the server, again on the same port and data if it ran before, and wait until it answers."""
        if not self.folder.exists():
            self.folder.mkdir(mode=0o700)
            (self.folder / "port").write_text(str(free_port()))
            self._hand_over()
            self.install()
            self._hand_over()
        (self.folder / "pid").unlink(missing_ok=True)
        arguments = [self.run.alive, self.folder, self.stop_signal.name, self.run_as(), *self.launched()]
        with self.log.open("ab") as log:
            self.guard = subprocess.Popen(
                [sys.executable, guard.__file__, *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.run.guards.append(self.guard)
        self._wait_until_ready(self.guard)

    def _hand_over(self) -> None:
        """Give the folder to the user of the server: nobody else may be able to read it."""
        if self.run_as():
            for path in [self.folder, *self.folder.rglob("*")]:
                shutil.chown(path, self.run_as(), self.run_as())

    def _wait_until_ready(self, running: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and running.poll() is None:
            try:
                if (self.folder / "pid").exists() and self.is_ready():
                    return
            except OSError:
                pass
            time.sleep(PAUSE)
        raise RuntimeError(f"{self.name} did not start:\n{self.log.read_text()[-2000:]}")

    def stop(self) -> None:
        """Stop the server in the orderly way; its data stays for another start."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the server as a crash would."""
        os.kill(self.pid, signal.SIGKILL)
        self._end(None)

    def _end(self, how: signal.Signals | None) -> None:
        if self.guard is None:
            raise RuntimeError(f"{self.name} was started by another process: it is shared")
        if how is not None:
            self.guard.send_signal(how)
        self.guard.wait(PATIENCE)
        (self.folder / "pid").unlink(missing_ok=True)

    def remove(self) -> None:
        """Stop the server and remove its data."""
        if self.guard is not None and self.guard.poll() is None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
