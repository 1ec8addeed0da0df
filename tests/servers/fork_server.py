"""Import hanko-compat once, and fork for each that is to run: to import it takes a second of a CPU.

``python fork_server.py SOCKET``

What it forks goes on as ``python -m hanko_compat ARGUMENTS`` would, with the folder, environment and log of
whoever asked. `tests/cli/test_serve.py`, and what runs under plain gunicorn, start Python anew.
"""

import json
import os
import runpy
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

MOST_BYTES = 200_000  # of arguments and environment


def fork_on_request(path: Path) -> dict[str, Any]:
    """Fork for whoever connects to the socket at *path*; return what was asked for, in the fork only."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody here waits for a fork
    new = path.with_suffix(".new")
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(new))
        listener.listen(64)
        new.rename(path)  # whoever sees the file can connect
        while True:
            connection, _ = listener.accept()
            with connection:
                content, outputs, *_ = socket.recv_fds(connection, MOST_BYTES, 2)
                pid = os.fork()
                if pid == 0:
                    write_to(outputs)
                    request: dict[str, Any] = json.loads(content)
                    return request
                for each in outputs:
                    os.close(each)
                connection.send(str(pid).encode())


def write_to(outputs: Sequence[int]) -> None:
    """Read nothing, and write output and errors to these two descriptors."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, each in enumerate([nothing, *outputs]):
        os.dup2(each, number)
        os.close(each)


def run(request: dict[str, Any]) -> None:
    """Be the process that was asked for."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.path[0] = request["folder"]
    sys.argv[1:] = request["arguments"]
    runpy.run_module("hanko_compat", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    sys.path[0] = str(Path.cwd())  # instead of this folder, where another module is called hanko_compat
    runpy.run_module("hanko_compat", run_name="imported")
    run(fork_on_request(Path(sys.argv[1])))
