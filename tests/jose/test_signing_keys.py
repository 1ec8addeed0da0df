import json
from base64 import urlsafe_b64encode

import jwt
import pytest

from hanko_compat.errors.keys import SigningKeyUnreadable
from hanko_compat.jose import signing_keys
from hanko_compat.jose.signing_keys import SigningKey
from tests.signing_keys import private_jwk

RSA_MEMBERS = ["alg", "d", "dp", "dq", "e", "kid", "kty", "n", "p", "q", "qi", "use"]
EC_MEMBERS = ["alg", "crv", "d", "kid", "kty", "use", "x", "y"]
OKP_MEMBERS = ["alg", "crv", "d", "kid", "kty", "use", "x"]


@pytest.fixture(scope="module")
def generated():
    """A private JWK of each algorithm; the larger RSA keys differ in their size only."""
    return {name: signing_keys.generate(name) for name in ("RS256-2048", "ES256", "EdDSA")}


@pytest.mark.parametrize(
    ("name", "alg", "members"),
    [
        ("RS256-2048", "RS256", RSA_MEMBERS),
        ("ES256", "ES256", EC_MEMBERS),
        ("EdDSA", "EdDSA", OKP_MEMBERS),
    ],
)
def test_a_generated_key_has_the_members_of_its_standard(generated, name, alg, members):
    written = json.loads(signing_keys.to_json(generated[name]))
    assert (list(written), written["alg"], written["use"]) == (members, alg, "sig")


def test_a_key_is_written_as_hanko_writes_it():
    text = signing_keys.to_json({"kty": "RSA", "alg": "RS256", "n": "AQAB"})
    assert text == b'{"alg":"RS256","kty":"RSA","n":"AQAB"}'


@pytest.mark.parametrize(("name", "bits"), [("RS256-2048", 2048)])
def test_rsa_keys_have_the_size_of_their_name(generated, name, bits):
    key = SigningKey(generated[name])
    assert key.private_key.key_size == bits


def test_every_configurable_size_is_known():
    assert signing_keys.RSA_BITS == {"RS256-4096": 4096, "RS256-3072": 3072, "RS256-2048": 2048}


@pytest.mark.parametrize("name", ["RS256-2048", "ES256", "EdDSA"])
def test_the_public_key_shows_no_private_member(generated, name):
    public = SigningKey(generated[name]).public_jwk
    assert not {"d", "p", "q", "dp", "dq", "qi", "oth", "k"} & set(public)
    assert list(public) == sorted(public)


def test_the_public_key_as_recorded():
    public = SigningKey(private_jwk()).public_jwk
    assert list(public) == ["alg", "e", "kid", "kty", "n", "use"]
    assert (public["alg"], public["use"], public["e"]) == ("RS256", "sig", "AQAB")


@pytest.mark.parametrize("name", ["RS256-2048", "ES256", "EdDSA"])
def test_a_signature_verifies_and_a_changed_message_does_not(generated, name):
    key = signing_keys.from_json(signing_keys.to_json(generated[name]))
    token = jwt.encode({}, key.private_key, algorithm=key.algorithm)
    message, _, signature = token.rpartition(".")
    raw = jwt.utils.base64url_decode(signature)
    assert key.verify(message.encode(), raw)
    assert not key.verify(message.encode() + b"x", raw)
    assert not key.verify(message.encode(), raw[:-1])


OTHER_RSA = {"kty": "RSA", "kid": "k", "n": "AQAB", "e": "AQAB"}


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "oct", "kid": "k", "k": "c2VjcmV0", "alg": "HS256"},
        {"kty": "EC", "crv": "P-384", "kid": "k", "x": "AQAB", "y": "AQAB"},
        {"kty": ["RSA"], "kid": "k"},
        {"kty": "RSA", "kid": "k", "e": "AQAB"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        OTHER_RSA | {"alg": "RS512"},
        OTHER_RSA | {"alg": "HS256"},
        OTHER_RSA | {"kid": 7},
    ],
    ids=["empty", "symmetric", "P-384", "list", "no n", "no kid", "RS512", "HS256", "kid a number"],
)
def test_what_is_no_key_for_session_tokens(jwk):
    with pytest.raises(SigningKeyUnreadable):
        SigningKey(jwk)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"\xff"])
def test_what_is_no_json_object(text):
    with pytest.raises(SigningKeyUnreadable):
        signing_keys.from_json(text)


WRONG = urlsafe_b64encode(b"\x05" * 256).decode().rstrip("=")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        *((member, None) for member in ("d", "p", "q", "dp", "dq", "qi")),
        *((member, value) for member in ("p", "q") for value in ("", "AQAB", WRONG)),
    ],
)
def test_a_damaged_private_half_is_found_when_it_is_needed(member, value):
    key = SigningKey(private_jwk() | {member: value})
    with pytest.raises(SigningKeyUnreadable, match="private half"):
        _ = key.private_key


@pytest.mark.parametrize("name", ["RS256-2048", "ES256", "EdDSA"])
def test_the_private_half_of_another_key_is_found(generated, name):
    other = signing_keys.generate(name)
    public = SigningKey(generated[name]).public_jwk
    with pytest.raises(SigningKeyUnreadable, match="private half"):
        _ = SigningKey(other | public).private_key
