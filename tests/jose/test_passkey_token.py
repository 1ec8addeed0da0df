"""Signed passkey data as a token: forged, broken and huge ones are refused, as those of sessions are."""

import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.errors.passkeys import PasskeyDataRefused
from hanko_compat.jose import passkey_token, signing_keys
from hanko_compat.jose.passkey_token import PasskeyClaims
from hanko_compat.jose.signing_keys import SigningKey

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KEY = SigningKey(signing_keys.generate("RS256-2048"))
OTHER = SigningKey(signing_keys.generate("ES256"))
CLAIMS = PasskeyClaims(
    token_id="a1" * 15,
    project_id="pro-17",
    user_id=uuid4(),
    username="jane@example.test",
    process_id="process-0123456789ab",
    credential_id=uuid4(),
    challenge_id=uuid4(),
    webauthn_id="AAAA",
    is_conditional=True,
)


def find(kid):
    return {KEY.kid: KEY, OTHER.kid: OTHER}.get(kid)


def verify(token, *, now=NOW, project_id="pro-17"):
    return passkey_token.verify(token, find_key=find, project_id=project_id, now=now)


def reason(token, **options):
    with pytest.raises(PasskeyDataRefused) as refused:
        verify(token, **options)
    return refused.value.reason


def told(**changes):
    """The payload of a token, with changes."""
    token = passkey_token.sign(CLAIMS, key=KEY, now=NOW)
    payload = jwt.decode(token, options={"verify_signature": False})
    return {name: value for name, value in (payload | changes).items() if value is not None}


def signed(payload, *, key=KEY, **headers):
    return jwt.PyJWS().encode(
        json.dumps(payload).encode(),
        key.private_key,
        algorithm=key.algorithm,
        headers={"kid": key.kid, "typ": "passkey-data+jwt"} | headers,
    )


@pytest.mark.parametrize("key", [KEY, OTHER])
@pytest.mark.parametrize("is_conditional", [True, False])
def test_what_is_signed_is_read(key, is_conditional):
    claims = replace(CLAIMS, is_conditional=is_conditional)
    assert verify(passkey_token.sign(claims, key=key, now=NOW)) == claims


@pytest.mark.parametrize(
    ("seconds", "is_good"), [(-11, False), (-10, True), (0, True), (299, True), (300, False)]
)
def test_times(seconds, is_good):
    token, now = passkey_token.sign(CLAIMS, key=KEY, now=NOW), NOW + timedelta(seconds=seconds)
    if is_good:
        assert verify(token, now=now) == CLAIMS
    else:
        assert reason(token, now=now) == "generic_error"


def test_a_token_of_another_project():
    assert reason(signed(told()), project_id="pro-18") == "generic_error"


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": None},
        {"nbf": None},
        {"exp": "soon"},
        {"exp": 1e300},
        {"nbf": True},
        {"iss": None},
        {"iss": ["pro-17"]},
        {"sub": None},
        {"sub": "7d0f5b1a-5b2c-4a77-9d4e-0a1b2c3d4e5f"},
        {"sub": "ide-17"},
        {"sub": "usr-"},
        {"sub": "usr-x"},
        {"sub": f"usr-{1 << 128}"},
        {"credential": "usr-17"},
        {"challengeId": 17},
        {"jti": None},
        {"jti": "short"},
        {"jti": "-" * 30},
        {"username": None},
        {"processId": 7},
        {"webauthnId": None},
    ],
    ids=str,
)
def test_claims_that_are_none_of_ours(changes):
    assert verify(signed(told())) == CLAIMS
    assert reason(signed(told(**changes))) == "generic_error"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"typ": "JWT"}, "generic_error"),
        ({"typ": None}, "generic_error"),
        ({"kid": "unknown"}, "invalid_signature"),
        ({"kid": OTHER.kid}, "invalid_signature"),
        ({"crit": ["exp"]}, "generic_error"),
        ({"jku": "https://evil.example.test"}, None),
    ],
)
def test_headers(headers, expected):
    token = signed(told(), **headers)
    if expected is None:
        assert verify(token) == CLAIMS
    else:
        assert reason(token) == expected


def encoded(value):
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("algorithm", ["none", "HS256", "ES256", "PS256"])
def test_another_algorithm(algorithm):
    header = encoded({"alg": algorithm, "kid": KEY.kid, "typ": "passkey-data+jwt"})
    assert reason(f"{header}.{encoded(told())}.AAAA") == "invalid_signature"


def test_a_payload_that_is_no_object():
    header = encoded({"alg": "RS256", "kid": KEY.kid, "typ": "passkey-data+jwt"})
    for payload in (encoded([]), encoded("x"), urlsafe_b64encode(b"{").decode().rstrip("=")):
        message = f"{header}.{payload}"
        signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(
            message.encode(), KEY.private_key
        )
        token = f"{message}.{urlsafe_b64encode(signature).decode().rstrip('=')}"
        assert reason(token) == "generic_error"


def test_deep_nesting():
    nested = urlsafe_b64encode(b'{"alg":' + b"[" * 9000 + b"]" * 2000).decode().rstrip("=")
    assert reason(f"{nested}.AAAA.AAAA") == "generic_error"


@given(st.text(max_size=200))
def test_any_text_is_refused(text):
    assert reason(text) in ("generic_error", "invalid_signature")


@given(st.integers(0, 10**6), st.integers(0, 255))
def test_any_change_is_refused(position, byte):
    token = passkey_token.sign(CLAIMS, key=OTHER, now=NOW)
    position %= len(token)
    changed = token[:position] + chr(byte) + token[position + 1 :]
    if changed == token:
        assert verify(changed) == CLAIMS
        return
    try:
        assert verify(changed) == CLAIMS  # only the unused bits of the last character may differ
        assert position == len(token) - 1
    except PasskeyDataRefused:
        pass
