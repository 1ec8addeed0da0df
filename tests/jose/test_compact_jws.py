import json
from datetime import UTC, datetime

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.base64url import encode
from hanko_compat.errors.jose import TokenForged, TokenMalformed
from hanko_compat.jose import compact_jws, signing_keys
from hanko_compat.jose.compact_jws import numeric_date
from hanko_compat.jose.signing_keys import SigningKey

KEY = SigningKey(signing_keys.generate("EdDSA"))
CLAIMS = {"sub": "alice"}
TOKEN = compact_jws.sign(CLAIMS, key=KEY)


def verify(token, *, typ="JWT"):
    return compact_jws.verify(token, find_key={KEY.kid: KEY}.get, typ=typ).claims


def part(text):
    return encode(text.encode())


def test_a_token_is_read_by_another_library():
    assert jwt.decode(TOKEN, KEY.private_key.public_key(), algorithms=["EdDSA"]) == CLAIMS
    assert jwt.get_unverified_header(TOKEN) == {"alg": "EdDSA", "kid": KEY.kid, "typ": "JWT"}


def test_a_token_passes_as_its_own_type_only():
    other = compact_jws.sign(CLAIMS, key=KEY, typ="other+jwt")
    assert verify(TOKEN) == verify(other, typ="other+jwt") == CLAIMS
    for token, typ in ((TOKEN, "other+jwt"), (other, "JWT")):
        with pytest.raises(TokenMalformed):
            verify(token, typ=typ)


@pytest.mark.parametrize(
    "token",
    ["", "x", "a.b.c", f"{TOKEN}.x", TOKEN.replace(".", ""), part("[]") + ".e30.AA", "x" * 20_000 + TOKEN],
    ids=["empty", "one part", "no JSON", "four parts", "no dots", "no object", "too long"],
)
def test_what_is_no_token_is_malformed(token):
    with pytest.raises(TokenMalformed):
        verify(token)


@pytest.mark.parametrize(
    "token",
    [
        TOKEN.rpartition(".")[0] + ".",
        TOKEN + "=",
        TOKEN[:-1] + ("B" if TOKEN[-1] == "A" else "A"),
        part(json.dumps({"alg": "none", "kid": KEY.kid})) + ".e30.",
        compact_jws.sign(CLAIMS, key=SigningKey(signing_keys.generate("EdDSA"))),
    ],
    ids=["no signature", "padded", "another signature", "no algorithm", "unknown key"],
)
def test_what_no_key_of_ours_signed_is_forged(token):
    with pytest.raises(TokenForged):
        verify(token)


@given(st.text(max_size=80))
def test_any_text_is_malformed_or_forged(text):
    with pytest.raises((TokenMalformed, TokenForged)):
        verify(text)


@pytest.mark.parametrize("value", [0, 1.5, -1])
def test_a_moment(value):
    assert numeric_date({"exp": value}, "exp") == datetime.fromtimestamp(value, UTC)


@pytest.mark.parametrize("value", [None, "1", True, 1e300, float("inf"), float("nan"), 10**400])
def test_no_moment(value):
    with pytest.raises(TokenMalformed):
        numeric_date({"exp": value}, "exp")
