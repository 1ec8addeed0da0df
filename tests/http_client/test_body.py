"""Bodies of answers, within bounds."""

import gzip
import zlib

import pytest

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client import body

MAX_BYTES = 1000
GZIPPED = gzip.compress(b"here", mtime=0)


def read(*pieces, coding=""):
    return body.read(pieces, coding=coding, max_bytes=MAX_BYTES)


@pytest.mark.parametrize("coding", ["", "identity", " Identity "])
def test_as_it_comes(coding):
    assert read(b"a", b"", b"b", coding=coding) == b"ab"


@pytest.mark.parametrize(
    ("coding", "compressed"),
    [
        ("gzip", GZIPPED),
        ("X-GZip", GZIPPED),
        ("deflate", zlib.compress(b"here")),
    ],
)
def test_compressed(coding, compressed):
    assert read(*(bytes([byte]) for byte in compressed), coding=coding) == b"here"


def test_no_body_has_no_coding():
    assert read(coding="gzip") == b""


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_no_more_is_read_than_may_be(coding):
    pieces = iter([b"x" * 600, b"x" * 600, b"x" * 600])
    with pytest.raises(RequestFailed, match="more than 1000 bytes"):
        body.read(pieces, coding=coding, max_bytes=MAX_BYTES)
    assert len(list(pieces)) == 1


def test_it_is_long_enough_to_count_after_decompression():
    assert read(gzip.compress(bytes(MAX_BYTES)), coding="gzip") == bytes(MAX_BYTES)
    with pytest.raises(RequestFailed, match="more than 1000 bytes"):
        read(gzip.compress(bytes(MAX_BYTES + 1)), coding="gzip")


@pytest.mark.parametrize(
    "compressed",
    [b"here", GZIPPED[:-1], GZIPPED + b"x", GZIPPED * 2],
    ids=["not compressed", "cut", "more", "twice"],
)
def test_what_can_not_be_decompressed(compressed):
    with pytest.raises(RequestFailed, match="decompressed"):
        read(compressed, coding="gzip")


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "gzip,identity", "hunter2"])
def test_a_coding_that_is_not_known(coding):
    with pytest.raises(RequestFailed, match="unknown coding"):
        read(gzip.compress(GZIPPED), coding=coding)
