"""Records of JSON files, read piece by piece: a million users take no more memory than one.

Imports are an array. Exports of other systems have four forms, which are told apart while they are read: an
array of users; an object with the array as a member; an object a line; and several of these in one file, as
pages that were fetched one by one.

Each value is read by `json`, as a whole. A parser of events (ijson) takes four times as long, and gives the
whole file up for one broken line, or one byte that is no UTF-8.
"""

import codecs
import json
import re
from collections.abc import Callable, Collection, Iterator
from json import JSONDecodeError
from typing import Any, BinaryIO, NoReturn

from hanko_compat.errors.user_files import UserFileUnreadable
from hanko_compat.services.user_files.records import Record, encoding_of, record_of

PIECE = 64 * 1024  # bytes that are read at a time
LONGEST = 8 * 1024 * 1024
"""Characters of one record; real ones have some hundred."""
BLANKS = re.compile(r"[ \t\r\n]*")

Advance = Callable[[int], None]
"""Called with how much more is done."""


def json_array(stream: BinaryIO, *, advance: Advance = lambda _: None, piece: int = PIECE) -> Iterator[Any]:
    """The elements of the array that *stream* is; *advance* is told of bytes that were read.

    *piece* is how many bytes are read at a time.

    Raises:
        UserFileUnreadable: no JSON array, one that breaks off, or an element of over 8 million characters.
    """
    yield from _Reader(stream, piece, advance).array()


def json_records(stream: BinaryIO, *, arrays: Collection[str] = (), piece: int = PIECE) -> Iterator[Record]:
    """Each record of *stream*; members of the outermost object that *arrays* names have records themselves.

    *piece* is how many bytes are read at a time.

    Raises:
        UserFileUnreadable: nothing, no JSON, an array that breaks off, or over 8 million characters a record.
    """
    yield from _Reader(stream, piece, lambda _: None).records(frozenset(arrays))


class _Reader:
    """Values of a text that comes in pieces, of which only what is not read yet is in memory."""

    def __init__(self, stream: BinaryIO, piece: int, advance: Advance) -> None:
        self._stream = stream
        self._piece = piece
        self._advance = advance
        self._decoder: codecs.IncrementalDecoder | None = None
        self._values = json.JSONDecoder()
        self._text = ""
        self._at = 0
        self._start: int | None = None
        """Where the object begins that is not read to its end, as long as it is worth going back to."""
        self._has_ended = False
        self._number = 0

    def array(self) -> Iterator[Any]:
        """Each element of the array that is the whole text."""
        if self._next() != "[":
            raise UserFileUnreadable("the file does not begin with a JSON array of users: [{...}, ...]")
        yield from self._elements()
        if self._next():
            raise UserFileUnreadable(f"something stands behind the array of {self._number} users")

    def records(self, arrays: frozenset[str]) -> Iterator[Record]:
        """Each record, to the end."""
        if not self._next():
            raise UserFileUnreadable("there is nothing in the file")
        while first := self._next():
            if first == "[":
                yield from self._records()
            elif first == "{":
                yield from self._object(arrays)
            else:
                raise UserFileUnreadable(
                    f"after record {self._number} stands neither a JSON object nor an array: "
                    f"is that the export, and unpacked?"
                )

    def _records(self) -> Iterator[Record]:
        """The records of the array that begins here."""
        for value in self._elements():
            yield record_of(self._number, value)

    def _elements(self) -> Iterator[Any]:
        """The elements of the array that begins here."""
        self._at += 1
        if self._next() == "]":
            self._at += 1
            return
        while True:
            self._number += 1
            try:
                value = self._value()
            except (ValueError, RecursionError) as error:
                self._give_up(error)
            yield value
            follows = self._next()
            self._at += 1
            if follows == "]":
                return
            if follows != ",":
                self._give_up(ValueError("no comma behind it" if follows else "the file ends behind it"))

    def _object(self, arrays: frozenset[str]) -> Iterator[Record]:
        """The record that begins here, or those of its arrays."""
        members: dict[str, Any] = {}
        has_array = False
        self._start = self._at
        self._at += 1
        try:
            while name := self._member_name(is_first=not (members or has_array)):
                if name in arrays and self._next() == "[":
                    has_array = True
                    self._start = None
                    yield from self._records()
                else:
                    members[name] = self._value()
        except (ValueError, RecursionError) as error:
            self._number += 1
            if self._start is None:
                self._give_up(error)
            yield Record(self._number, fault=f"no JSON: {_told(error)}")
            # In a file with an object a line the next one is whole again, although this one may lack its end.
            self._at, self._start = self._start, None
            self._skip_line()
            return
        self._start = None
        if not has_array:
            self._number += 1
            yield record_of(self._number, members)

    def _member_name(self, *, is_first: bool) -> str:
        """Read the name of the next member and its colon; "" at the end of the object.

        Raises:
            ValueError: no member of an object.
        """
        follows = self._next()
        if follows == "}":
            self._at += 1
            return ""
        if not is_first:
            self._expect(",")
        name = self._value()
        if not isinstance(name, str):
            raise ValueError("no name of a member")  # noqa: TRY004 - of the text, as the decoder's own
        self._next()
        self._expect(":")
        # A member without a name says nothing, and must not look like the end.
        return name or " "

    def _expect(self, wanted: str) -> None:
        if self._next() != wanted:
            raise ValueError(f"{wanted} is missing")
        self._at += 1

    def _next(self) -> str:
        """The next character that is no blank, which stays; "" at the end."""
        while True:
            self._at = self._end_of_blanks()
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read(self._piece):
                return ""

    def _end_of_blanks(self) -> int:
        found = BLANKS.match(self._text, self._at)
        return found.end() if found else self._at

    def _value(self) -> Any:
        """The value that begins here.

        Raises:
            ValueError: no JSON, or more than 8 million characters of it.
            RecursionError: too many arrays and objects in one another.
        """
        self._next()
        while True:
            try:
                value, end = self._values.raw_decode(self._text, self._at)
            except JSONDecodeError:
                # It may only be cut off. To read twice as much each time costs no more than to read it once.
                if not self._read_double():
                    raise
                continue
            # A number goes on in the next piece, perhaps.
            if end == len(self._text) and not isinstance(value, dict | list | str) and self._read_double():
                continue
            self._at = end
            return value

    def _read_double(self) -> bool:
        waiting = len(self._text) - self._at
        if waiting > LONGEST:
            raise ValueError(f"it is broken, or longer than {LONGEST} characters")
        return self._read(max(self._piece, waiting))

    def _read(self, size: int) -> bool:
        """Read about *size* bytes more; False when there are none."""
        if self._has_ended:
            return False
        piece = self._stream.read(size)
        self._has_ended = not piece
        if self._decoder is None:
            piece += self._stream.read(1)
            # What is no UTF-8 becomes characters that no text may have, and only its own record is refused.
            self._decoder = codecs.getincrementaldecoder(encoding_of(piece))("surrogateescape")
        self._advance(len(piece))
        try:
            more = self._decoder.decode(piece, self._has_ended)
        except UnicodeDecodeError as error:
            raise UserFileUnreadable("the file is no UTF-16, although it begins so") from error
        if self._start is not None and self._at - self._start > LONGEST:
            self._start = None
        kept = self._at if self._start is None else self._start
        self._text = self._text[kept:] + more
        self._at -= kept
        self._start = None if self._start is None else 0
        return not self._has_ended or bool(more)

    def _skip_line(self) -> None:
        """Go on behind the next end of a line: what stands there may be whole again."""
        while (end := self._text.find("\n", self._at)) < 0:
            self._at = len(self._text)
            if not self._read(self._piece):
                return
        self._at = end + 1

    def _give_up(self, error: Exception) -> NoReturn:
        raise UserFileUnreadable(
            f"the file is no JSON from record {self._number} on, and nothing behind it can be read: "
            f"{_told(error)}"
        ) from error


def _told(error: Exception) -> str:
    """What is wrong, without the text that is wrong, in which there may be secrets."""
    if isinstance(error, JSONDecodeError):
        return error.msg
    return "too many brackets in one another" if isinstance(error, RecursionError) else str(error)
