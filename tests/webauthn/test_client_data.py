import contextlib
import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.errors.passkeys import CredentialMalformed
from hanko_compat.webauthn.client_data import CREATE, GET, read_client_data
from hanko_compat.webauthn.relying_party import RelyingParty

RIGHT = {"type": GET, "challenge": "AAEC", "origin": "https://a.test", "crossOrigin": False}
RP = RelyingParty("a.test", "A", frozenset({"https://a.test", "https://b.a.test"}))


def read(**changes):
    return read_client_data(json.dumps(RIGHT | changes).encode())


def test_members_are_read_and_the_bytes_are_hashed():
    data = json.dumps(RIGHT | {"more": [1]}, indent=2).encode()
    client_data = read_client_data(data)
    assert (client_data.type, client_data.challenge, client_data.origin) == (GET, b"\0\1\2", "https://a.test")
    assert client_data.hash == sha256(data).digest()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"origin": "https://b.a.test"}, True),
        ({"origin": "https://c.a.test"}, False),
        ({"type": CREATE}, False),
        ({"topOrigin": "https://b.a.test"}, True),
        ({"topOrigin": None}, True),
        ({"topOrigin": "https://evil.test"}, False),
        ({"origin": "https://evil.test", "topOrigin": "https://a.test"}, False),
    ],
)
def test_it_is_from_the_origins_of_its_relying_party(changes, expected):
    assert read(**changes).is_from(RP, type_=GET) is expected


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b'"text"', b"\xff", b"[" * 5000, b'{"more": NaN}', b"{} {}", b"\xef\xbb\xbf{}"],
)
def test_what_is_no_client_data_is_malformed(data):
    with pytest.raises(CredentialMalformed):
        read_client_data(data)


@pytest.mark.parametrize(
    "changes",
    [
        *(
            {name: value}
            for name in ("type", "challenge", "origin", "topOrigin")
            for value in (5, [], {}, True)
        ),
        *({"crossOrigin": value} for value in ("yes", 1, [])),
    ],
)
def test_one_member_of_another_type_is_malformed(changes):
    with pytest.raises(CredentialMalformed):
        read(**changes)


@pytest.mark.parametrize("data", [b"null", b"{}", b'{"type": null, "challenge": null, "origin": null}'])
def test_members_that_are_left_out_are_empty(data):
    client_data = read_client_data(data)
    assert (client_data.type, client_data.challenge, client_data.origin) == ("", b"", "")
    assert not client_data.is_from(RP, type_=GET)


@pytest.mark.parametrize(
    "text",
    ["", "a+b", "AAAAA", "\u0660", "\ud800", "a\0b", "AAEC=", "AAE=", "AAF", "AA\n", " AAEC", "A" * 10_001],
)
def test_a_text_that_can_be_no_challenge_is_none(text):
    assert read(challenge=text).challenge == b""


@given(
    st.binary(max_size=100)
    | st.dictionaries(st.sampled_from(list(RIGHT)), st.text()).map(json.dumps).map(str.encode)
)
def test_any_bytes_are_client_data_or_malformed(data):
    with contextlib.suppress(CredentialMalformed):
        assert read_client_data(data).hash == sha256(data).digest()
