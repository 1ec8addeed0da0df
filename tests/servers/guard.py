"""Run one server, and stop it when the test run is over.

``python guard.py ALIVE FOLDER SIGNAL USER COMMAND...``

The test run holds a lock on the file ALIVE. The kernel releases it when the process of the run is gone, even
when it was killed; then the guard stops the server and removes its folder.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

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


def main(alive: str, folder: str, stop_signal: str, user: str, *command: str) -> None:
    """Run *command* until it ends, a TERM comes or the test run is over."""
    over = threading.Event()
    as_user = {"user": user, "group": user, "extra_groups": []} if user else {}
    server = subprocess.Popen(command, cwd=folder, start_new_session=True, **as_user)
    stop_on_term(server.pid, signal.Signals[stop_signal])
    new = Path(folder) / "pid.new"
    new.write_text(str(server.pid))
    new.rename(Path(folder) / "pid")  # whoever sees the file sees the number
    threading.Thread(target=wait_for_the_end, args=(Path(alive), over), daemon=True).start()
    server.wait()
    if over.is_set():
        clear(Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
