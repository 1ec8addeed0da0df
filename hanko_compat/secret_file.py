"""The secret of a first look: ``./var/secret``, which only its owner can read."""

import os
import stat
from pathlib import Path

from hanko_compat import random_secrets
from hanko_compat.errors import OperatorError

SECRET_FILE = Path("var/secret")
SECRET_LENGTH = 43  # characters; 256 bits


def make_secret(path: Path) -> None:
    """Write a new secret to *path*, which only its owner can read."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(random_secrets.text(SECRET_LENGTH) + "\n")


def read_secret(path: Path) -> str:
    """The secret in *path*.

    Raises:
        OperatorError: other users of the machine can read the file.
    """
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise OperatorError(f"{path} can be read by others: run `chmod 600 {path}`, or make a new secret")
    return path.read_text(encoding="ascii").strip()
