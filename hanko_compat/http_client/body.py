"""The body of an answer, within bounds: as it comes, and as it is after decoding (RFC 9110 s. 8.4)."""

import zlib
from collections.abc import Iterable

from hanko_compat.errors.http_client import RequestFailed

COMPRESSED = {"deflate", "gzip", "x-gzip"}
EITHER = zlib.MAX_WBITS + 32
"""Reads the formats of both, gzip (RFC 1952) and zlib (RFC 1950)."""


def read(pieces: Iterable[bytes], *, coding: str, max_bytes: int) -> bytes:
    """Return the body, decoded; *coding* is the header ``Content-Encoding``, or "".

    A server is asked for no coding, and some use one all the same.

    Raises:
        RequestFailed: more than *max_bytes*, before or after decoding, or a coding that can't be read.
    """
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > max_bytes:
            raise _too_long(max_bytes)
    # Several codings, one in the other, would make much of little without ever being long in the end.
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return bytes(body)
    if coding not in COMPRESSED:
        raise RequestFailed("an answer in an unknown coding")
    return _decompressed(bytes(body), max_bytes=max_bytes)


def _decompressed(body: bytes, *, max_bytes: int) -> bytes:
    if not body:  # of an answer that has none, such as 304
        return body
    decompressor = zlib.decompressobj(EITHER)
    try:
        decoded = decompressor.decompress(body, max_bytes + 1)
    except zlib.error as error:
        raise RequestFailed("an answer that can't be decompressed") from error
    if len(decoded) > max_bytes:
        raise _too_long(max_bytes)
    if not decompressor.eof or decompressor.unused_data:
        raise RequestFailed("an answer that can't be decompressed")
    return decoded


def _too_long(max_bytes: int) -> RequestFailed:
    return RequestFailed(f"an answer of more than {max_bytes} bytes")
