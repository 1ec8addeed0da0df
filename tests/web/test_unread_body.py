"""What happens to bytes that no view wanted."""

import io

import pytest
from gunicorn.http.errors import InvalidChunkSize

from hanko_compat.web.unread_body import MAX_DISCARDED, discard


class Wire(io.RawIOBase):
    """An endless body that counts what is read from it."""

    def __init__(self) -> None:
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        self.taken += size
        return bytes(size)


def environ(stream, **changes):
    return {"wsgi.input": stream, "wsgi.input_terminated": True, "CONTENT_LENGTH": "1000000", **changes}


@pytest.mark.parametrize("changes", [{}, {"CONTENT_LENGTH": None, "HTTP_TRANSFER_ENCODING": "chunked"}])
def test_the_rest_of_a_body_is_read_away(changes):
    stream = io.BytesIO(bytes(1_000_000))
    stream.read(1000)
    discard(environ(stream, **changes))
    assert stream.read() == b""


def test_what_never_ends_is_cut_off():
    wire = Wire()
    discard(environ(wire))
    assert wire.taken == MAX_DISCARDED


@pytest.mark.parametrize(
    "changes", [{"CONTENT_LENGTH": "0"}, {"CONTENT_LENGTH": ""}, {"wsgi.input_terminated": False}]
)
def test_nothing_is_read_that_may_never_come(changes):
    wire = Wire()
    discard(environ(wire, **changes))
    assert wire.taken == 0


@pytest.mark.parametrize("error", [InvalidChunkSize(b"x"), ConnectionResetError()])
def test_a_broken_connection_is_left_to_the_server(error):
    reads = []

    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            reads.append(size)
            raise error

    discard(environ(Broken()))

    assert len(reads) == 1
