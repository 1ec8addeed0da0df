"""Run one server, and stop it when the test run is over.

``python guard.py ALIVE FOLDER SIGNAL USER COMMAND...``

A COMMAND that begins with ``forked SOCKET`` is run by the fork server that listens there.

The test run holds a lock on the file ALIVE. The kernel releases it when the process of the run is gone, even
when it was killed; then the guard stops the server and removes its folder.
"""

import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

FORKED = "forked"
PATIENCE = 60  # seconds a server has to stop by itself; less than `run.PATIENCE`


def wait_for_the_end(alive: Path, over: threading.Event) -> None:
    """Wait until nobody holds the lock on *alive*, then have this process stop its server."""
    with alive.open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)
    over.set()
    os.kill(os.getpid(), signal.SIGTERM)


def stop_on_term(pid: int, stop_signal: signal.Signals) -> None:
    """Pass a TERM on to the server *pid* as its *stop_signal*, and kill it when that does not help."""

    def stop(*_: object) -> None:
        os.kill(pid, stop_signal)
        signal.alarm(PATIENCE)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGKILL))


def clear(folder: Path) -> None:
    """Remove the *folder* of a server, and that of the run when it was the last one in it."""
    shutil.rmtree(folder, ignore_errors=True)
    if not any(entry.is_dir() for entry in folder.parent.iterdir()):
        shutil.rmtree(folder.parent, ignore_errors=True)


def start(folder: str, user: str, *command: str) -> tuple[int, Callable[[], object]]:
    """Start *command* in a session of its own; return its process, and what waits for its end."""
    if command[0] == FORKED:
        return fork(folder, *command[1:])
    as_user = {"user": user, "group": user, "extra_groups": []} if user else {}
    server = subprocess.Popen(command, cwd=folder, start_new_session=True, **as_user)
    return server.pid, server.wait


def fork(folder: str, path: str, *arguments: str) -> tuple[int, Callable[[], object]]:
    """Have the fork server at *path* run its program with *arguments*; return as `start` does."""
    request = {"folder": folder, "environment": dict(os.environ), "arguments": arguments}
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.connect(path)
        socket.send_fds(connection, [json.dumps(request).encode()], [1, 2])
        pid = int(connection.recv(100))
    waiting = select.poll()
    with contextlib.suppress(ProcessLookupError):  # it has ended
        waiting.register(os.pidfd_open(pid), select.POLLIN)
        return pid, waiting.poll
    return pid, lambda: None


def main(alive: str, folder: str, stop_signal: str, user: str, *command: str) -> None:
    """Run *command* until it ends, a TERM comes or the test run is over."""
    over = threading.Event()
    pid, wait = start(folder, user, *command)
    stop_on_term(pid, signal.Signals[stop_signal])
    new = Path(folder) / "pid.new"
    new.write_text(str(pid))
    new.rename(Path(folder) / "pid")  # whoever sees the file sees the number
    threading.Thread(target=wait_for_the_end, args=(Path(alive), over), daemon=True).start()
    wait()
    if over.is_set():
        clear(Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
