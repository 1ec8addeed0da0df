import contextlib

import pytest
from fido2 import cbor
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.errors.passkeys import CredentialMalformed
from hanko_compat.webauthn.cbor import MAX_DEPTH, MAX_ITEMS, end_of_item

VALUES = st.recursive(
    st.integers(-(2**63), 2**63) | st.binary(max_size=300) | st.text(max_size=40) | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
).filter(lambda value: depth(value) < MAX_DEPTH)


def depth(value):
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(depth, members), default=0)


@given(VALUES, st.binary(max_size=5))
def test_it_ends_where_the_item_ends(value, rest):
    encoded = cbor.encode(value)
    assert end_of_item(encoded + rest) == len(encoded)
    assert end_of_item(rest + encoded, len(rest)) == len(rest + encoded)


@given(VALUES, st.data())
def test_what_is_cut_short_is_malformed(value, data):
    encoded = cbor.encode(value)
    with pytest.raises(CredentialMalformed):
        end_of_item(encoded[: data.draw(st.integers(0, len(encoded) - 1))])


@given(st.binary(max_size=200))
def test_any_bytes_are_items_or_malformed(data):
    with contextlib.suppress(CredentialMalformed):
        assert 0 < end_of_item(data) <= len(data)


@pytest.mark.parametrize("encoded", [b"\xf4", b"\xf5", b"\xf6", b"\xf7"])
def test_simple_values_are_items(encoded):
    assert end_of_item(encoded) == 1


@pytest.mark.parametrize(
    "encoded",
    [
        b"\xf9\x00\x00",  # a float
        b"\xfb" + bytes(8),
        b"\xf8\x18",  # a simple value of two bytes
        b"\xe0",
        b"\xc1\x00",  # a tag
        b"\x9f\xff",  # of indefinite length
        b"\x5f\xff",
        b"\xff",
        b"\x1c",  # reserved
        b"\xa1\x80\x00",  # a list for a name
        b"\xa1\xa0\x00",
        b"\xa1\xf5\x00",
        b"\xa2\x01\x00\x01\x00",  # a name twice
    ],
)
def test_what_no_authenticator_writes_is_malformed(encoded):
    with pytest.raises(CredentialMalformed):
        end_of_item(encoded)


@pytest.mark.parametrize(
    ("encoded", "fits"),
    [
        (b"\x81" * (MAX_DEPTH - 1) + b"\x00", True),
        (b"\x81" * MAX_DEPTH + b"\x00", False),
        (cbor.encode([0] * (MAX_ITEMS - 1)), True),
        (cbor.encode([0] * MAX_ITEMS), False),
    ],
)
def test_depth_and_number_are_bounded(encoded, fits):
    if fits:
        assert end_of_item(encoded) == len(encoded)
        return
    with pytest.raises(CredentialMalformed):
        end_of_item(encoded)
