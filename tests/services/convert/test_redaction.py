import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanko_compat.services.convert.redaction import DEEPEST, LEFT_OUT, LONGEST, redacted
from tests.services.convert.converting import BCRYPT


@pytest.mark.parametrize(
    "name",
    [
        *(
            "password",
            "passwordHash",
            "encrypted_password",
            "password_digest",
            "salt",
            "totp_secret",
            "secretData",
        ),
        *("credentials", "custom_password_hash", "recovery_token", "mfaInfo", "backup_codes", "signer_key"),
    ],
)
def test_what_sounds_secret_is_left_out(name):
    assert redacted({name: "x", "a": {name: [1]}, "b": [{name: {"y": 1}}]}) == {
        name: LEFT_OUT,
        "a": {name: LEFT_OUT},
        "b": [{name: LEFT_OUT}],
    }
    assert redacted({name: ""}) == {name: ""}


@pytest.mark.parametrize(
    "text", [BCRYPT, "{SSHA}x", "scrypt:1:1:1$x", "eyJhbGciOi", "0" * 32, "otpauth://totp/x"]
)
def test_what_looks_secret_is_left_out(text):
    assert redacted(["alice@example.com", text]) == ["alice@example.com", LEFT_OUT]


def test_long_and_deep_values():
    deep = "x"
    for _ in range(DEEPEST + 5):
        deep = [deep]
    assert LEFT_OUT in json.dumps(redacted(deep))
    assert redacted("x " * LONGEST) == ("x " * LONGEST)[:LONGEST]
    assert redacted(float("inf")) == LEFT_OUT


@settings(max_examples=50, deadline=None)
@given(
    st.recursive(
        st.none() | st.text() | st.integers() | st.floats(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    )
)
def test_any_value_is_json_afterwards(value):
    left = redacted(value)
    assert json.loads(json.dumps(left, allow_nan=False)) == left
