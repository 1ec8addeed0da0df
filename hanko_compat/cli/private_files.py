"""Files that commands write and nobody else may read: there are hashes of passwords in them.

What is no file, such as ``/dev/null`` or a named pipe, is written to as it is.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from hanko_compat.unfinished_files import remains_of, remove, unfinished

MODE = 0o600


@contextmanager
def whole_or_not(path: Path) -> Iterator[TextIO]:
    """The file *path*, which is there when all has been written; until then it is as it was before."""
    if _is_special(path):
        with path.open("w", encoding="utf-8") as stream:
            yield stream
        return
    target = path.resolve()  # a link goes on leading there
    prefix = f".{target.name}.part-"
    for path in remains_of(target.parent, prefix=prefix):
        remove(path)
    with (
        unfinished(target.parent, prefix=prefix) as (part, descriptor),
        _text(os.dup(descriptor)) as file,
    ):
        yield file
        file.flush()
        os.fsync(descriptor)
        part.replace(target)


class LinesIfAny:
    """A file of lines that is made with the first of them. One of an earlier time is removed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None

    def __enter__(self) -> "LinesIfAny":
        """Remove the file of an earlier time."""
        if not _is_special(self._path):
            self._path.unlink(missing_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()

    def write(self, line: str) -> None:
        """Add a line."""
        if self._file is None:
            self._file = self._path.open("w") if _is_special(self._path) else _made(self._path)
        self._file.write(f"{line}\n")


def _is_special(path: Path) -> bool:
    return path.exists() and not path.is_file()


def _made(path: Path) -> TextIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    return _text(descriptor)


def _text(descriptor: int) -> TextIO:
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="\n")
