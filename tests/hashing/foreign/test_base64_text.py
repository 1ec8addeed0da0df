import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.hashing.foreign.base64_text import decode


@given(st.binary())
def test_every_alphabet_is_read_padded_or_not(raw):
    standard, of_urls = base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()
    for text in (standard, of_urls, standard.replace("+", ".")):
        assert decode(text) == decode(text.rstrip("=")) == raw


@pytest.mark.parametrize("text", ["a", "abcde", "§", "ab c", "ab=c", "abc\n"])
def test_what_is_none_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        decode(text)
