"""An import file: entries, one after the other, of which no more than one is in memory."""

import hashlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from hanko_compat.services.user_files.json_stream import PIECE, Advance, json_array


def fingerprint(file: BinaryIO) -> str:
    """What identifies the content of a file: its SHA-256 in hexadecimal. The file is read from its start."""
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def entries(file: BinaryIO, advance: Advance = lambda _: None) -> Iterator[Any]:
    """The entries of the JSON array in a *file*, from its start; *advance* is told of bytes that were read.

    Raises:
        UserFileUnreadable: no JSON array, or one that does not end; the text says from which entry on.
    """
    file.seek(0)
    yield from json_array(file, advance=advance)
