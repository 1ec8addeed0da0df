"""What ``serve --dev`` adds: a secret and a public URL where none is configured, and code that reloads."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

import click

import hanko_compat
from hanko_compat.cli.settings import Settings
from hanko_compat.config import Config
from hanko_compat.listening import ANY, LOOPBACKS, is_host_and_port, joined, split
from hanko_compat.secret_file import SECRET_FILE, make_secret

PACKAGE = Path(hanko_compat.__file__).parent
WATCHED = ("*.py", "*.html", "*.css", "templates/*.js")
PAUSE = 0.5  # seconds between two looks at the files
PATIENCE = 10  # seconds for requests under way when the code has changed


def prepare(settings: Settings, *, bind: str | None) -> str:
    """Make and add what development needs; return the address to listen on.

    Raises:
        ConfigError: with every problem at once.
    """
    config = settings.configured()
    if not config.secrets.keys and not SECRET_FILE.exists():
        make_secret(SECRET_FILE)
    address = bind or local_address(config)
    if not config.hanko_compat.public_url:
        settings.additions["HANKO_COMPAT_PUBLIC_URL"] = local_url(address)
    return address


def local_address(config: Config) -> str:
    """``server.public.address``; where that means all interfaces, only this machine can reach it."""
    address = config.server.public.address
    return f"localhost{address}" if address.startswith(":") else address


def local_url(address: str) -> str:
    """The URL under which a browser on this machine finds *address*; a Unix socket, as it is."""
    if not is_host_and_port(address):
        return address
    host, port = split(address)
    return f"http://{joined('localhost' if host in {*ANY, *LOOPBACKS} else host, port)}"


def supervise(settings: Settings, arguments: Sequence[str]) -> int:
    """Run ``hanko-compat`` with *arguments* in a process of its own, anew whenever code or config changes.

    Returns the exit code of a server that ended by itself; one that fails after a change waits for the next.
    """
    signal.signal(signal.SIGTERM, leave)
    is_first = True
    while True:
        seen = snapshot(settings)
        server = subprocess.Popen([sys.executable, "-m", "hanko_compat", *arguments])  # noqa: S603
        try:
            while snapshot(settings) == seen:
                if is_first and server.poll() is not None:
                    return server.returncode
                time.sleep(PAUSE)
        except KeyboardInterrupt:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # make passes on what its process group got already
            end(server)
            return 0
        end(server)
        is_first = False
        click.echo("\nCode or configuration has changed: starting again.", err=True)


def leave(_signal: int, _frame: FrameType | None) -> None:
    """Handle TERM as Ctrl-C."""
    raise KeyboardInterrupt


def snapshot(settings: Settings) -> dict[Path, int]:
    """When each watched file was changed last (ns since 1970).

    ``watchfiles`` (1.3) in its place saves eight lines and costs two packages. By inotify it loses a file
    that an editor replaces, after the first time; by polling it does what is done here, but for a
    configuration that is written only later.
    """
    files = [file for pattern in WATCHED for file in PACKAGE.rglob(pattern)]
    if settings.config_path is not None:
        files.append(settings.config_path)
    seen = {}
    for file in files:
        with suppress(FileNotFoundError):  # an editor may be replacing it
            seen[file] = file.stat().st_mtime_ns
    return seen


def end(server: subprocess.Popen[bytes]) -> None:
    """Let *server* finish what is under way, and stop it."""
    server.terminate()
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
