import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from fido2 import cbor

from hanko_compat.base64url import decode
from hanko_compat.errors.passkeys import CredentialMalformed
from hanko_compat.webauthn.keys import ALGORITHMS as OFFERED
from hanko_compat.webauthn.keys import checked_key, is_signed, read_key
from tests.authenticator import ALGORITHMS, Key


def test_ten_algorithms_are_offered_in_this_order():
    assert OFFERED == (-7, -35, -36, -257, -258, -259, -37, -38, -39, -8)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_checks_what_it_signed(algorithm):
    key = Key(algorithm)
    stored = read_key(decode(key.public_key))
    assert checked_key(key.cose) == stored
    assert is_signed(stored, b"message", key.sign(b"message"))
    assert not is_signed(stored, b"other", key.sign(b"message"))
    assert not is_signed(stored, b"message", b"")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_algorithm_is_the_keys_own(algorithm):
    key = Key(algorithm)
    for number in set(OFFERED) - {ALGORITHMS[algorithm]}:
        try:
            other = checked_key(key.cose | {3: number})
        except CredentialMalformed:
            continue
        assert not is_signed(other, b"message", key.sign(b"message"))


def test_a_small_modulus_is_malformed():
    small = rsa.generate_private_key(65537, 1024)
    with pytest.raises(CredentialMalformed):
        checked_key(Key("RS256", small).cose)


@pytest.mark.parametrize(
    "changes",
    [
        {-1: b"\x00" * 256},
        {-1: b"\xff" * 1025},
        {-1: "n"},
        {-2: b""},
        {-2: b"\x01"},
        {-2: b"\xff" * 256},
        {-2: None},
        {1: 2},
        {3: True},
        {3: None},
        {3: -65535},
    ],
)
def test_other_parameters_of_rsa_are_malformed(changes):
    with pytest.raises(CredentialMalformed):
        checked_key(Key("RS256").cose | changes)


@pytest.mark.parametrize("content", [None, 5, [], "x", b"x", {}])
def test_what_is_no_key_is_malformed(content):
    with pytest.raises(CredentialMalformed):
        checked_key(content)


@pytest.mark.parametrize("data", [b"", b"\xa0", b"\x01", b"\xff", cbor.encode(Key().cose) + b"\x00"], ids=len)
def test_bytes_that_are_no_key_are_malformed(data):
    with pytest.raises(CredentialMalformed):
        read_key(data)
