"""The folder of one test run, and the sign that the run is still going on."""

import fcntl
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PATIENCE = 120  # seconds the guards have to stop their servers


class Run:
    """A test run as its processes see it: they share ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.alive = folder / "alive"
        self.guards: list[subprocess.Popen[bytes]] = []  # those that this process started
        self._held: IO[str] | None = None

    @classmethod
    def begin(cls) -> "Run":
        """Make the folder. The caller is the process whose end is the end of the run."""
        folder = Path(tempfile.mkdtemp(prefix="hanko_compat_tests_"))
        folder.chmod(0o711)  # servers that refuse to run as root pass through
        run = cls(folder)
        run._held = run.alive.open("w")
        fcntl.flock(run._held, fcntl.LOCK_EX)
        return run

    def end(self) -> None:
        """Have every server stopped, and remove the folder."""
        if self._held is None:
            return
        self._held.close()
        until = time.monotonic() + PATIENCE
        while any((entry / "pid").exists() for entry in self._servers()) and time.monotonic() < until:
            time.sleep(0.05)
        for guard in self.guards:
            guard.wait(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _servers(self) -> list[Path]:
        return [entry for entry in self.folder.iterdir() if entry.is_dir()] if self.folder.exists() else []

    @contextmanager
    def only_one(self, name: str) -> Iterator[None]:
        """Let one process of the run at a time do what *name* stands for."""
        with (self.folder / f"{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
