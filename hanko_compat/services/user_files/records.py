"""Records of an export: one after the other, with their numbers, whatever the format of the file."""

import codecs
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

BLANKS = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Record:
    """What stands for one user in an export; where ``fault`` is not "", it can't be read, and says why."""

    number: int
    """Counted from 1."""
    members: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""


def record_of(number: int, value: Any) -> Record:
    """The record that *value* is, if it is an object."""
    if isinstance(value, dict):
        return Record(number, value)
    return Record(number, fault="the record is no JSON object")


def buffered(stream: BinaryIO) -> io.BufferedReader:
    """*stream*, so that its first bytes can be looked at without taking them."""
    return stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)  # type: ignore[arg-type]


def encoding_of(start: bytes) -> str:
    """The encoding that the first two bytes tell: UTF-16 as Windows' shell writes it, else UTF-8."""
    return "utf-16" if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


def is_json(stream: io.BufferedReader) -> bool:
    """Whether the file begins as JSON, and not as a table."""
    start = stream.peek(1024).lstrip(
        codecs.BOM_UTF8 + codecs.BOM_UTF16_LE + codecs.BOM_UTF16_BE + BLANKS + b"\0"
    )
    return start[:1] in (b"[", b"{")
