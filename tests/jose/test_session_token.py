import hashlib
import hmac
import json
import re
import time
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.jose import encryption, session_token, signing_keys
from hanko_compat.jose.session_token import TokenEmail, TokenSubject
from hanko_compat.jose.signing_keys import SigningKey

HANKO_DATABASES = Path(__file__).parents[1] / "data" / "databases"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
USER, SESSION = UUID("08027c2a-f1e1-4579-9bd4-376d54a54b84"), UUID("6a2e6e03-6d5d-4344-b48f-d17c4df90256")
RSA_KEY = SigningKey(signing_keys.generate("RS256-2048"))
KEYS = {
    key.kid: key for key in (RSA_KEY, *(SigningKey(signing_keys.generate(a)) for a in ("ES256", "EdDSA")))
}
STANDARD = {
    "sub": str(USER),
    "session_id": str(SESSION),
    "iat": int(NOW.timestamp()) - 60,
    "exp": int(NOW.timestamp()) + 60,
    "aud": ["localhost"],
}


def base64url(data):
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(claims=None, *, key=RSA_KEY, header=None):
    """A token signed by *key*, with a header of one's own wherever PyJWT would object."""
    head = {"alg": key.algorithm, "kid": key.kid, "typ": "JWT"} | (header or {})
    head = {name: value for name, value in head.items() if value is not None}
    payload = json.dumps(STANDARD if claims is None else claims).encode()
    message = f"{base64url(json.dumps(head).encode())}.{base64url(payload)}"
    algorithm = jwt.get_algorithm_by_name(key.algorithm)
    return f"{message}.{base64url(algorithm.sign(message.encode(), key.private_key))}"


def verify(token):
    return session_token.verify(token, find_key=KEYS.get, now=NOW)


def test_claims_of_a_user_with_everything():
    subject = TokenSubject(USER, TokenEmail("a@b.example", is_primary=True, is_verified=False), "alice")
    claims = session_token.build_claims(
        subject,
        session_id=SESSION,
        issued_at=NOW,
        expires_at=NOW + timedelta(hours=12),
        audience=("localhost", "example.test"),
        issuer="https://login.example.test",
    )
    assert claims == {
        "sub": str(USER),
        "iat": 1795348800,
        "exp": 1795348800 + 43200,
        "aud": ["localhost", "example.test"],
        "session_id": str(SESSION),
        "email": {"address": "a@b.example", "is_primary": True, "is_verified": False},
        "iss": "https://login.example.test",
    }


def test_claims_without_a_value_are_absent():
    claims = session_token.build_claims(
        TokenSubject(USER), session_id=SESSION, issued_at=NOW, expires_at=NOW, audience=("a",), issuer=None
    )
    assert set(claims) == {"sub", "iat", "exp", "aud", "session_id"}


@pytest.mark.parametrize("key", KEYS.values(), ids=lambda key: key.algorithm)
def test_a_signed_token_has_the_recorded_header_and_verifies(key):
    token = session_token.sign(STANDARD, key=key)
    assert jwt.get_unverified_header(token) == {"alg": key.algorithm, "kid": key.kid, "typ": "JWT"}
    assert verify(token).session_id == SESSION


def test_what_a_token_says():
    email = {"address": "a@b.example", "is_primary": True, "is_verified": True}
    more = {"email": email, "username": "alice", "iss": "me", "jti": "1", "role": "user", "amr": ["otp"]}
    claims = verify(signed(STANDARD | more))
    assert (claims.user_id, claims.session_id) == (USER, SESSION)
    assert (claims.issued_at, claims.expires_at) == (NOW - timedelta(minutes=1), NOW + timedelta(minutes=1))
    assert (claims.audience, claims.issuer) == (("localhost",), "me")
    assert (claims.email, claims.username) == (email, "alice")
    assert claims.extra_claims == {"role": "user", "amr": ["otp"]}


@pytest.mark.parametrize(
    ("changes", "audience"),
    [
        ({"aud": "elsewhere.example"}, ("elsewhere.example",)),
        ({"aud": ["a", "b"]}, ("a", "b")),
        ({"aud": None}, ()),
        ({"iss": "https://elsewhere.example"}, ("localhost",)),
        ({"exp": STANDARD["exp"] + 0.5, "iat": STANDARD["iat"] + 0.25}, ("localhost",)),
        ({"iat": int(NOW.timestamp())}, ("localhost",)),
        ({"nbf": int(NOW.timestamp())}, ("localhost",)),
        ({"email": "no object", "username": 3, "iss": 4}, ("localhost",)),
    ],
    ids=["text aud", "other aud", "no aud", "other iss", "fractions", "iat now", "nbf now", "odd types"],
)
def test_accepted_as_in_the_original(changes, audience):
    assert verify(signed(STANDARD | changes)).audience == audience


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": None},
        {"exp": int(NOW.timestamp())},
        {"exp": int(NOW.timestamp()) - 1},
        {"exp": "2126-01-01"},
        {"exp": True},
        {"exp": 10**400},
        {"exp": 1e300},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"iat": None},
        {"iat": int(NOW.timestamp()) + 1},
        {"iat": NOW.timestamp() + 0.5},
        {"nbf": int(NOW.timestamp()) + 1},
        {"sub": None},
        {"sub": "hanko webhooks"},
        {"sub": 7},
        {"session_id": None},
        {"session_id": "nonsense"},
        {"session_id": ["a"]},
    ],
    ids=str,
)
def test_signed_but_no_session(changes):
    claims = {name: value for name, value in (STANDARD | changes).items() if value is not None}
    with pytest.raises(SessionInvalid):
        verify(signed(claims))


@pytest.mark.parametrize(
    "header",
    [
        {"kid": None},
        {"kid": "unknown"},
        {"kid": 7},
        {"kid": ["a"]},
        {"alg": None},
        {"alg": "none"},
        {"alg": "RS512"},
        {"alg": "PS256"},
        {"alg": "HS256"},
        {"alg": ["RS256"]},
        {"typ": "webhook+jwt"},
        {"typ": ["JWT"]},
        {"crit": ["exp"]},
        {"crit": ["b64"], "b64": False},
    ],
    ids=str,
)
def test_a_header_that_asks_for_something_else(header):
    with pytest.raises(SessionInvalid):
        verify(signed(header=header))


def test_a_header_without_a_type_is_accepted():
    assert verify(signed(header={"typ": None})).user_id == USER


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c"])
def test_a_key_that_the_token_brings_along_does_not_count(name):
    forger = SigningKey(signing_keys.generate("RS256-2048") | {"kid": RSA_KEY.kid})
    brought = {"jwk": forger.public_jwk}.get(name, "https://evil.example/jwks.json")
    with pytest.raises(SessionInvalid):
        verify(signed(key=forger, header={name: brought}))
    assert verify(signed(header={name: brought})).user_id == USER


def test_a_token_without_a_signature():
    head, payload, _ = signed(header={"alg": "none"}).split(".")
    for token in (f"{head}.{payload}.", f"{head}.{payload}", f"{head}.{payload}.AA"):
        with pytest.raises(SessionInvalid):
            verify(token)


@pytest.mark.parametrize("alg", ["HS256", "RS256"])
def test_the_public_key_is_no_secret_to_sign_with(alg):
    public_pem = RSA_KEY.private_key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    message = signed(header={"alg": alg}).rpartition(".")[0]
    forged = base64url(hmac.new(public_pem, message.encode(), hashlib.sha256).digest())
    with pytest.raises(SessionInvalid):
        verify(f"{message}.{forged}")


def test_a_token_of_one_key_under_the_name_of_another():
    other = next(key for key in KEYS.values() if key.algorithm == "ES256")
    with pytest.raises(SessionInvalid):
        verify(signed(key=other, header={"kid": RSA_KEY.kid}))


@pytest.mark.parametrize("folder", ["postgres-2.7", "mariadb-2.7", "postgres-3.0"])
def test_tokens_that_hanko_signed(folder):
    fixture = json.loads((HANKO_DATABASES / folder / "fixture.json").read_text())
    dump = (HANKO_DATABASES / folder / "data.sql").read_text()
    plain = [
        encryption.decrypt_with_any(key_data, secrets=fixture["secrets_current"])
        for key_data in re.findall(r"\(\d+, ?'([A-Za-z0-9_=-]{2000,})'", dump)
    ]
    keys = {key.kid: key for key in map(signing_keys.from_json, plain)}
    assert sorted(keys) == sorted(key["kid"] for key in fixture["jwks_public"])
    for session in fixture["sessions"]:
        if session["claims"]["exp"] < time.time():
            with pytest.raises(SessionInvalid):
                session_token.verify(session["token"], find_key=keys.get, now=datetime.now(UTC))
        else:
            claims = session_token.verify(session["token"], find_key=keys.get, now=datetime.now(UTC))
            assert str(claims.session_id) == session["claims"]["session_id"]


TOKEN = signed()
PADDED = TOKEN + "=" * (-len(TOKEN.rpartition(".")[2]) % 4)


@pytest.mark.parametrize(
    "token",
    [
        PADDED,
        TOKEN + "\n",
        TOKEN + "\r\n",
        PADDED + "\n",
        TOKEN[:-10] + "\n" + TOKEN[-10:],
        " " + TOKEN,
        f"\t {TOKEN} \n",
    ],
    ids=["padded", "line end", "CRLF", "padded and line end", "line end inside", "blank", "blanks around"],
)
def test_what_copying_adds_to_a_token_does_no_harm(token):
    assert PADDED != TOKEN
    assert verify(token).session_id == SESSION


@pytest.mark.parametrize("position", [0, 20, 60, 200, len(TOKEN) - 1])
def test_each_changed_character_breaks_the_token(position):
    other = "A" if TOKEN[position] != "A" else "B"
    with pytest.raises(SessionInvalid):
        verify(TOKEN[:position] + other + TOKEN[position + 1 :])


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "nonsense",
        TOKEN[:-1],
        TOKEN[:-100],
        PADDED + "=",
        TOKEN + "=x",
        TOKEN[:10] + "\n" + TOKEN[10:],
        TOKEN.replace(".", "=.", 1),
        TOKEN[:10] + " " + TOKEN[10:],
        TOKEN.replace(".", " .", 1),
        TOKEN + "." + TOKEN,
        TOKEN.replace(".", "..", 1),
        TOKEN.replace("_", "/").replace("-", "+") + "ä",
        "\ud800." + TOKEN,
        base64url(b"[" * 9000) + ".e30.AA",
        base64url(b"[]") + ".e30.AA",
        base64url(b"\xff\xfe") + ".e30.AA",
        base64url(b'{"kid":' + b"1" * 5000 + b"}") + ".e30.AA",
        "A.A.A",
    ],
    ids=range(21),
)
def test_what_is_no_token(token):
    with pytest.raises(SessionInvalid):
        verify(token)


def test_a_huge_token_is_refused_before_any_work():
    def find_key(kid):
        raise AssertionError

    large = STANDARD | {"padding": "x" * 1_000_000}
    with pytest.raises(SessionInvalid):
        session_token.verify(signed(large), find_key=find_key, now=NOW)


def test_a_payload_that_is_no_object():
    with pytest.raises(SessionInvalid):
        verify(signed([STANDARD]))


@given(st.text(max_size=300) | st.from_regex(r"[\w-]{0,40}(\.[\w-]{0,40}){0,3}", fullmatch=True))
def test_any_text_raises_nothing_but_session_invalid(text):
    with pytest.raises(SessionInvalid):
        verify(text)


@given(
    st.dictionaries(
        st.sampled_from([*STANDARD, "nbf", "email"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=3
        ),
    )
)
def test_any_signed_claims_raise_nothing_but_session_invalid(changes):
    try:
        claims = verify(signed(STANDARD | changes))
    except SessionInvalid:
        return
    assert isinstance(claims.user_id, UUID)


def test_ids_are_compared_as_uuids():
    assert verify(signed(STANDARD | {"sub": str(USER).upper()})).user_id == USER
    assert verify(signed(STANDARD | {"session_id": str(uuid4())})).session_id != SESSION
