"""The image of the Containerfile: built by podman step by step, and started without a container engine.

No archive of packages has the image that it begins from: `scripts/make_base_image.sh` makes one that
stands in for it, of Debian's packages and with Debian's own Python.
"""

import json
import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.servers.hanko_compat import ask
from tests.servers.process import Server, find_program
from tests.servers.run import Run

ROOT = Path(__file__).parents[2]
STORAGE = ROOT / "var" / "containers"
BUILD_PATIENCE = 1200  # seconds; two minutes of one CPU, on a busy machine
CERTIFICATES = "/etc/ssl/certs"  # whom this machine trusts to bring packages

CONFINED = """\
mount --bind "$1" "$1"
mount -o remount,bind,ro "$1"
mount --rbind /dev "$1/dev"
mount -t proc proc "$1/proc"
for folder in $2; do mount -t tmpfs -o mode=1777 tmpfs "$1$folder"; done
root=$1
shift 2
exec chroot "$root" "$@"
"""
"""How a container with a read-only file system begins: ROOT FOLDERS COMMAND...."""


class Image:
    """The files of an image below ``root``, and in ``config`` what it says about its containers."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.config: dict[str, Any] = json.loads((folder / "config.json").read_text())


def built(run: Run) -> Image:
    """Build the image, once in a test run."""
    folder = run.folder / "image"
    with run.only_one("image"):
        if not (folder / "config.json").exists():
            build(folder)
    return Image(folder)


def build(folder: Path) -> None:
    """Run the steps of the Containerfile, and write what comes out into *folder*."""
    assert STORAGE.exists(), "scripts/make_base_image.sh makes what the image begins from"
    name = f"localhost/hanko-compat:{uuid4().hex}"
    options = ["--isolation=chroot", "--layers=false", "--pull=never", "--format=docker"]
    trusted = f"--volume={CERTIFICATES}:{CERTIFICATES}:ro"
    podman("build", *options, trusted, f"--tag={name}", "--file=deploy/Containerfile", ".")
    try:
        (inspected,) = json.loads(podman("image", "inspect", name))
        container = podman("create", name).strip()
        (folder / "root").mkdir(parents=True)
        (folder / "root").chmod(0o755)  # whoever serves in it looks for files from here
        podman("export", f"--output={folder}/root.tar", container)
        podman("rm", "--volumes", container)
    finally:
        podman("rmi", "--force", name)
    subprocess.run(["tar", "-xf", folder / "root.tar", "-C", folder / "root"], check=True)
    (folder / "root.tar").unlink()
    config = inspected["Config"] | {"Healthcheck": inspected["Healthcheck"]}
    (folder / "config.json").write_text(json.dumps(config))


def podman(*arguments: str) -> str:
    """Run podman with a storage of its own; return what it prints."""
    storage = [f"--root={STORAGE / 'root'}", f"--runroot={STORAGE / 'run'}"]
    done = subprocess.run(
        [find_program("podman"), *storage, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=BUILD_PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"podman {shlex.join(arguments)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


class Container(Server):
    """What the image starts, as its user and without any right, on a file system that is read-only.

    ``writable`` are its folders that are not; all of them are empty at the start.
    """

    def __init__(
        self, run: Run, image: Image, environment: Mapping[str, str], *, writable: Sequence[str]
    ) -> None:
        if os.geteuid() != 0:
            pytest.skip("only root mounts file systems (CI runs as root)")
        super().__init__(run, f"container_{uuid4().hex[:12]}")
        self.image = image
        self.environment = environment
        self.writable = writable

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.folder.name

    def command(self) -> Sequence[str]:
        """Return the command of the image, and what brings it into the image."""
        config = self.image.config
        user = config["User"]
        variables = [*config["Env"], *(f"{name}={value}" for name, value in self.environment.items())]
        variables.append(f"SERVER_PUBLIC_ADDRESS=127.0.0.1:{self.port}")
        inside = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--bounding-set=-all"]
        inside += ["--no-new-privs", "env", "-i", f"--chdir={config['WorkingDir']}", *variables]
        return [
            *("unshare", "--mount", "sh", "-euc", CONFINED, "sh"),
            *(str(self.image.root), " ".join(self.writable)),
            *(*inside, *config["Entrypoint"], *config["Cmd"]),
        ]

    def is_ready(self) -> bool:
        """Whether it serves with its database."""
        return ask(self.port, "GET", "/health/ready").status == 200

    def status(self) -> dict[str, str]:
        """What the kernel says of the process: its user, its capabilities."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return {name: " ".join(value.split()) for name, _, value in (line.partition(":") for line in lines)}
