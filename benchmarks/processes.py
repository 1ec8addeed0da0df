"""Start servers on loopback, wait until they answer, weigh them, stop them."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

LOOK = 0.5  # seconds
IDLE = 0.1  # CPUs that all workers together use when they have nothing to do


@dataclass(frozen=True)
class Server:
    """A server that answers; ``start_seconds`` is how long it took."""

    base_url: str
    process: subprocess.Popen[bytes]
    start_seconds: float

    def worker_memory(self) -> list[float]:
        """Resident memory of each worker in MB, largest first."""
        return sorted((resident(pid) for pid in children(self.process.pid)), reverse=True)

    def settle(self, *, patience: float = 60) -> None:
        """Return when the workers have nothing to do any more: callers may have left before their answers."""
        until = time.perf_counter() + patience
        while time.perf_counter() < until:
            before = self.worked()
            time.sleep(LOOK)
            if self.worked() - before < IDLE * LOOK:
                return
        raise RuntimeError("the server does not come to rest")

    def worked(self) -> float:
        """The seconds for which the workers have computed."""
        return sum(cpu_seconds(pid) for pid in children(self.process.pid))


def free_port() -> int:
    """A port of the loopback interface that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    *,
    port: int,
    ready_path: str,
    environment: dict[str, str],
    folder: Path,
    log: Path,
) -> Iterator[Server]:
    """Run *command* until the block ends; yields when ``GET ready_path`` is answered."""
    started = time.perf_counter()
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            env=os.environ | environment,
            cwd=folder,
            stdout=output,
            stderr=output,
        )
    try:
        wait_until_ready(process, port=port, path=ready_path, log=log)
        yield Server(f"http://127.0.0.1:{port}", process, time.perf_counter() - started)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_ready(
    process: subprocess.Popen[bytes], *, port: int, path: str, log: Path, seconds: float = 180
) -> None:
    """Return when the server answers at all; raises RuntimeError with the log's end when it does not."""
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", path)
            connection.getresponse().read()
        except OSError:
            time.sleep(0.02)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError(f"the server did not start:\n{log.read_text()[-2000:]}")


def children(pid: int) -> list[int]:
    """The processes that *pid* has forked."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def cpu_seconds(pid: int) -> float:
    """The time for which one process has computed."""
    return time.clock_gettime(~pid << 3 | 2)  # clock_getcpuclockid(3), in nanoseconds where /proc has ticks


def resident(pid: int) -> float:
    """Resident memory of one process in MB (shared pages counted in full, as ``ps`` does)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def memory_of_all(pid: int) -> int:
    """Bytes that a process and its children have in memory together, or 0 where they have ended.

    Pages that they share count once, and so do those of programs and libraries, of which all have the same;
    that another program uses these, too, makes them no smaller.
    """
    own = files = 0
    for each in [pid, *_children_that_live(pid)]:
        sizes = _memory_map(each)
        own += sizes.get("Pss_Anon", 0)
        files = max(files, sizes.get("Rss", 0) - sizes.get("Anonymous", 0))
    return own + files


def _children_that_live(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return children(pid)
    return []


def _memory_map(pid: int) -> dict[str, int]:
    """Sizes in bytes (proc_pid_smaps(5)); empty for a process that has ended."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        return {
            name: int(size.split()[0]) * 1024 for name, _, size in (line.partition(":") for line in lines)
        }
    return {}
