import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.base64url import decode, encode, encode_padded
from hanko_compat.errors.base64url import Base64urlMalformed


@given(st.binary())
def test_bytes_come_back(data):
    assert decode(encode(data)) == data
    assert "=" not in encode(data)


@pytest.mark.parametrize("text", ["AAE", "AAE="])
def test_padding_may_be_there_or_not(text):
    assert decode(text) == b"\0\1"


@pytest.mark.parametrize("text", ["A", "AAAAA", "a+b/", "a b", "a\n", "====", "AA=A", "\u0660\u0660", "\x00"])
def test_other_text_is_malformed(text):
    with pytest.raises(Base64urlMalformed):
        decode(text)


@given(st.binary())
def test_padding_is_written_where_it_is_wanted(data):
    assert encode_padded(data).rstrip("=") == encode(data)
    assert len(encode_padded(data)) % 4 == 0
    assert decode(encode_padded(data)) == data
