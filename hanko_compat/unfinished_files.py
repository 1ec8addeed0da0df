"""Files that are being written, for their owner only, and those that a killed process has left half-written.

Each is locked as long as its process lives (flock(2)). So two that write to one place never take each other's
file, and whoever comes later knows which ones nobody writes any more.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from typing import NamedTuple


class Unfinished(NamedTuple):
    """A file under a name that nobody knows, and its descriptor."""

    path: Path
    descriptor: int


def remains_of(folder: Path, *, prefix: str) -> list[Path]:
    """Files of *folder* whose names begin with *prefix*, in their order, written by somebody or by nobody.

    Raises:
        OSError: there is no such folder.
    """
    try:
        return sorted(path for path in folder.iterdir() if path.name.startswith(prefix))
    except PermissionError:  # one may write into some folders and not look into them
        return []


def remove(path: Path) -> None:
    """Remove a file that a killed process has left; one that is being written, or another's, stays."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
        finally:
            os.close(descriptor)


@contextmanager
def unfinished(folder: Path, *, prefix: str) -> Iterator[Unfinished]:
    """A new file (mode 0600), locked until the end of the block; removed then, unless it was renamed.

    Raises:
        OSError: *folder* can't be written.
    """
    made = _locked(folder, prefix)
    try:
        yield made
    finally:
        made.path.unlink(missing_ok=True)
        os.close(made.descriptor)


def _locked(folder: Path, prefix: str) -> Unfinished:
    while True:
        descriptor, name = mkstemp(prefix=prefix, dir=folder)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return Unfinished(Path(name), descriptor)
        # Between the two calls somebody has taken it for one that was left.
        os.close(descriptor)
