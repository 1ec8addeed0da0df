"""What has arrived of a request (RFC 9112), while no thread is at work for it yet.

Only its end is looked for here. Whether it is proper HTTP is gunicorn's to judge, which gets these bytes and
no others: where the two should disagree, a request ends early, and nobody waits.
"""

import re

HEAD_END = b"\r\n\r\n"
MOST_OF_A_HEAD = 1024 * 1024  # bytes; what is longer is refused, its caller reads no answer before
MOST_KEPT = 2 * 1024 * 1024  # bytes of a body; more than is accepted, with room for the frames of chunks
MOST_DISCARDED = 32 * 1024 * 1024  # bytes of a body; the caller of a longer one is cut off
MOST_EXPECTED = 1024 * 1024  # bytes of a body that a caller is asked to send (RFC 9110 s. 10.1.1)
LONGEST_SIZE_LINE = 1024  # bytes of the line before a chunk
LONGEST_NUMBER = 15  # digits

LINE_END = b"\r\n"
SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;.*)?\r\n")
BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]+)[ \t]*(?=\r\n)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*\bchunked[ \t]*(?=\r\n)", re.IGNORECASE)
EXPECTS = re.compile(rb"\A[^\r]* HTTP/1\.1\r\n(?:.*\r\n)?expect:[ \t]*100-continue[ \t]*\r\n", re.I | re.S)


class Arrival:
    """The bytes of one request, and of those that were sent behind it."""

    def __init__(self) -> None:
        self.head = b""
        """With its end, once that is there; until then, what there is."""
        self.body = bytearray()
        self.behind = b""
        """What belongs to the next request."""
        self.is_whole = False
        """Whether there is nothing left to wait for."""
        self.is_cut = False
        """Whether less of the body was kept than its caller has declared."""
        self.has_certain_end = False
        """Whether it is known where the next request begins, though the body was cut."""
        self.is_late = False
        """Whether its caller was not waited for any longer."""
        self._received = bytearray()
        self._rest: Length | Chunks = Length(0)
        self._discarded = 0

    @property
    def size(self) -> int:
        """The bytes of memory that it takes."""
        return len(self._received) + len(self.head) + len(self.body)

    @property
    def is_empty(self) -> bool:
        """Whether nothing has arrived."""
        return not self.head and not self._received

    def add(self, data: bytes) -> None:
        """Take what has arrived; nothing at all means that the caller sends no more."""
        if not data:
            self._end()
        elif not self.head:
            self._add_to_head(data)
        else:
            self._add_to_body(data)

    def give_up(self) -> None:
        """Wait no longer."""
        self.is_late = not self.is_cut
        self._end()

    def expects_continue(self) -> bool:
        """Whether the caller waits to be asked for the body."""
        return not self.is_whole and not self.body and bool(EXPECTS.match(self.head))

    def _end(self) -> None:
        self.head = self.head or bytes(self._received)
        self._received.clear()
        self.is_whole = True

    def _add_to_head(self, data: bytes) -> None:
        searched = max(len(self._received) - len(HEAD_END) + 1, 0)
        self._received += data
        end = self._received.find(HEAD_END, searched)
        if end < 0:
            is_malformed = BARE_LINE_FEED.search(self._received, searched) is not None
            if is_malformed or len(self._received) >= MOST_OF_A_HEAD:
                self._end()
            return
        end += len(HEAD_END)
        self.head, behind = bytes(self._received[:end]), bytes(self._received[end:])
        self._received.clear()
        self._rest = rest_of(self.head)
        if isinstance(self._rest, Length) and self._rest.missing > MOST_EXPECTED and EXPECTS.match(self.head):
            self.is_cut = self.is_whole = True  # it is refused for its length, so nobody asks for it
            return
        self._add_to_body(behind)

    def _add_to_body(self, data: bytes) -> None:
        taken = self._rest.take(data)
        self._keep(data[:taken])
        if self._rest.is_over or self._discarded > MOST_DISCARDED:
            self.behind = data[taken:]
            self.is_whole = True
            self.has_certain_end = self._rest.is_over and self._rest.is_plain

    def _keep(self, data: bytes) -> None:
        kept = data[: MOST_KEPT - len(self.body)]
        self.body += kept
        self._discarded += len(data) - len(kept)
        self.is_cut = self._discarded > 0


def rest_of(head: bytes) -> "Length | Chunks":
    """What follows on a *head*; where that is ambiguous, nothing: gunicorn refuses such a request."""
    lengths = CONTENT_LENGTH.findall(head)
    is_chunked = CHUNKED.search(head) is not None
    if len(lengths) + is_chunked != 1:
        return Length(0)
    if is_chunked:
        return Chunks()
    return Length(int(lengths[0][:LONGEST_NUMBER]))  # of a longer one nobody sees the end anyhow


class Length:
    """A body of a known length (RFC 9112 s. 6.2)."""

    is_plain = True

    def __init__(self, missing: int) -> None:
        """*missing* is in bytes."""
        self.missing = missing

    @property
    def is_over(self) -> bool:
        """Whether all of it was there."""
        return self.missing == 0

    def take(self, data: bytes) -> int:
        """How many bytes of *data* belong to it."""
        taken = min(self.missing, len(data))
        self.missing -= taken
        return taken


class Chunks:
    """A body in chunks (RFC 9112 s. 7.1), up to the line that ends it."""

    def __init__(self) -> None:
        self.is_over = False
        """Whether all of it was there, or what can't be chunks."""
        self.is_plain = True
        """Whether nobody could read it differently: it has no extensions, for one."""
        self._read = self._read_size
        self._line = bytearray()
        self._skipped = 0  # bytes of the present chunk that are still to come

    def take(self, data: bytes) -> int:
        """How many bytes of *data* belong to it."""
        place = 0
        while place < len(data) and not self.is_over:
            if self._skipped:
                step = min(self._skipped, len(data) - place)
                self._skipped -= step
                place += step
            else:
                place = self._take_line(data, place)
        return place

    def _take_line(self, data: bytes, place: int) -> int:
        end = data.find(b"\n", place) + 1 or len(data)
        self._line += data[place:end]
        if self._line.endswith(b"\n"):
            line = bytes(self._line)
            self._line.clear()
            self._read(line)
        elif len(self._line) > LONGEST_SIZE_LINE:
            self._give_up()
        return end

    def _read_size(self, line: bytes) -> None:
        size = SIZE_LINE.fullmatch(line)
        if size is None:
            self._give_up()
            return
        self.is_plain = self.is_plain and b";" not in line
        self._skipped = int(size[1], 16)
        self._read = self._read_end_of_chunk if self._skipped else self._read_trailer

    def _read_end_of_chunk(self, line: bytes) -> None:
        self._read = self._read_size
        if line != LINE_END:
            self._give_up()

    def _read_trailer(self, line: bytes) -> None:
        self.is_plain = self.is_plain and line == LINE_END
        self.is_over = not line.strip(LINE_END)

    def _give_up(self) -> None:
        self.is_over = True
        self.is_plain = False
