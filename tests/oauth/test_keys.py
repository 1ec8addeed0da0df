"""Key sets: what can be used of them, whatever else is in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.base64url import encode
from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.oauth.keys import MOST, read_key_set
from tests.oauth.signing import key_for

GOOD = {**key_for("RS256").as_dict(private=False), "kid": "good"}
CURVE = key_for("ES256").as_dict(private=False)
BROKEN = [
    None,
    7,
    [],
    {},
    {"kty": "RSA"},
    {"kty": ["RSA"], "n": "AQAB", "e": "AQAB"},
    {"kty": "oct", "k": "c2VjcmV0"},
    {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"},
    {**GOOD, "n": "!"},
    {**GOOD, "n": 7},
    {**GOOD, "e": ""},
    {**GOOD, "e": "AA"},
    {**CURVE, "crv": "P-999"},
    {**CURVE, "crv": "secp256k1"},
    {**CURVE, "x": CURVE["y"]},
    {"kty": "OKP", "crv": "X25519", "x": "AAAA"},
    {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"},
]


@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
def test_a_key_that_can_not_be_used_spoils_no_other(broken):
    keys = read_key_set({"keys": [broken, GOOD]})
    usable = [key for key in keys if key.may_verify(alg="RS256", kid="good", needs_alg=False)]
    assert len(usable) == 1
    assert not any(
        key.may_verify(alg=alg, kid=None, needs_alg=False) for key in keys[:-1] for alg in ("HS256", "none")
    )


@pytest.mark.parametrize(
    ("bits", "is_read"), [(1024, False), (2047, False), (2048, True), (8192, True), (8193, False)]
)
def test_keys_that_are_too_short_or_too_long(bits, is_read):
    modulus = (1 << bits - 1) + 1
    key = {"kty": "RSA", "n": encode(modulus.to_bytes(bits // 8 + 1)), "e": "AQAB"}
    assert len(read_key_set({"keys": [key]})) == is_read


@pytest.mark.parametrize("document", [None, [], {}, {"keys": None}, {"keys": {}}, "x", 7])
def test_what_is_no_key_set(document):
    with pytest.raises(RequestFailed):
        read_key_set(document)


def test_an_empty_one_is():
    assert read_key_set({"keys": []}) == ()


def test_a_private_key_that_slipped_out_is_a_public_one():
    private = {**key_for("ES256").as_dict(private=True), "key_ops": ["sign"], "kid": "k"}
    (key,) = read_key_set({"keys": [private]})
    assert not key.key.is_private


def test_so_many_are_read():
    assert len(read_key_set({"keys": [GOOD] * (MOST + 10)})) == MOST


@pytest.mark.parametrize(
    ("alg", "asked", "kid", "needs_alg", "expected"),
    [
        ("RS256", "RS256", "good", True, True),
        ("RS256", "RS256", None, True, True),
        (None, "RS256", "good", False, True),
        (None, "PS512", "good", False, True),
        (None, "RS256", "good", True, False),
        ("RS256", "PS256", "good", False, False),
        ("RS256", "RS256", "other", False, False),
        (None, "ES256", "good", False, False),
        (None, "HS256", "good", False, False),
        ("HS256", "HS256", "good", False, False),
        ("RSA-OAEP", "RS256", "good", False, False),
    ],
)
def test_which_signatures_a_key_may_have_made(alg, asked, kid, needs_alg, expected):
    (key,) = read_key_set({"keys": [{**GOOD, "alg": alg}]})
    assert key.may_verify(alg=asked, kid=kid, needs_alg=needs_alg) is expected


numbers = st.text(alphabet="AQZ09_-=!", max_size=50) | st.sampled_from(
    [GOOD["n"], GOOD["e"], CURVE["x"], CURVE["y"]]
)
members = st.fixed_dictionaries(
    {"kty": st.sampled_from(["RSA", "EC", "OKP"])},
    optional={
        "crv": st.sampled_from(["P-256", "P-384", "P-521", "Ed25519", "Ed448", ""]),
        **dict.fromkeys(("n", "e", "x", "y"), numbers),
    },
)


@given(members)
def test_any_numbers_are_a_key_or_none(key):
    for found in read_key_set({"keys": [key]}):
        assert found.type == key["kty"]
