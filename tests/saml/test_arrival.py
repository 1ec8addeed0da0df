"""What a browser brings: base64, deflated or not, within bounds."""

import base64
import zlib

import pytest

from hanko_compat.errors.saml import SamlResponseUnreadable
from hanko_compat.saml.arrival import MAX_BYTES, read_document
from tests.saml.identity_provider import encode


def long_document(size: int) -> str:
    return f"<a>{'x' * (size - len('<a></a>'))}</a>"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not base64!",
        "YWJj",  # abc
        encode("<a>"),
        encode("<!DOCTYPE a><a/>"),
        encode("<!DOCTYPE a><a/>", is_deflated=True),
        encode(long_document(MAX_BYTES + 1)),
        encode(long_document(MAX_BYTES + 1), is_deflated=True),
        encode(long_document(20 * MAX_BYTES), is_deflated=True),
        "A" * 2 * MAX_BYTES,
        "é",
    ],
    ids=lambda text: text[:20],
)
def test_what_can_not_be_read(text: str) -> None:
    with pytest.raises(SamlResponseUnreadable) as caught:
        read_document(text)
    assert str(caught.value) == "could not parse saml response"


@pytest.mark.parametrize("is_deflated", [False, True])
def test_as_much_as_is_allowed(is_deflated: bool) -> None:
    assert read_document(encode(long_document(MAX_BYTES), is_deflated=is_deflated)).name == ("", "a")


@pytest.mark.parametrize("before", ["\ufeff", "\r\n ", ""])
def test_lines_may_be_broken_and_begin_late(before: str) -> None:
    raw = base64.encodebytes(f"{before}<a>{'x' * 100}</a>".encode()).decode()
    assert "\n" in raw
    assert read_document(raw).text == "x" * 100


def test_a_bomb_takes_no_memory() -> None:
    raw = zlib.compressobj(9, wbits=-15)
    bomb = b"".join(raw.compress(b"<" * 1_000_000) for _ in range(20)) + raw.flush()
    with pytest.raises(SamlResponseUnreadable):
        read_document(base64.b64encode(bomb).decode())
