import pytest
from fido2 import cbor

from hanko_compat.errors.passkeys import CredentialMalformed
from hanko_compat.webauthn.authenticator_data import is_for, read_authenticator_data
from tests.authenticator import AT, BE, BS, ED, UP, UV, Key
from tests.webauthn.ceremonies import RP

CREDENTIAL = bytes(16) + b"\x00\x04" + b"cred" + cbor.encode(Key().cose)
EXTENSIONS = cbor.encode({"x": 1})


def named(value):
    """A test's name must not depend on a random key."""
    return f"{len(value)}-bytes" if isinstance(value, bytes) else str(value)


def data(flags, rest=b"", rp_id_hash=RP.id_hash):
    return rp_id_hash + bytes([flags]) + (9).to_bytes(4) + rest


@pytest.mark.parametrize(
    ("flags", "rest"),
    [(UP, b""), (UP | AT, CREDENTIAL), (UP | ED, EXTENSIONS), (UP | AT | ED, CREDENTIAL + EXTENSIONS)],
    ids=named,
)
def test_parts_are_there_that_the_flags_announce(flags, rest):
    read = read_authenticator_data(data(flags, rest))
    assert read.counter == 9
    assert (read.credential_data is not None, read.extensions is not None) == (
        bool(flags & AT),
        bool(flags & ED),
    )


@pytest.mark.parametrize(
    ("flags", "rest"),
    [
        (UP, CREDENTIAL),
        (UP, b"\x00"),
        (UP | AT, b""),
        (UP | AT, CREDENTIAL[:-1]),
        (UP | AT, CREDENTIAL + b"\x00"),
        (UP | AT, bytes(16) + b"\xff\xff" + b"cred"),
        (UP | AT, CREDENTIAL + EXTENSIONS),
        (UP | ED, b""),
        (UP | ED, EXTENSIONS + b"\x00"),
        (UP | AT, bytes(16) + b"\x00\x04cred" + b"\x01"),
        (UP | AT, bytes(16) + b"\x00\x04cred" + b"\xa0"),
    ],
    ids=named,
)
def test_other_parts_are_malformed(flags, rest):
    with pytest.raises(CredentialMalformed):
        read_authenticator_data(data(flags, rest))


@pytest.mark.parametrize("length", range(37))
def test_less_than_the_head_is_malformed(length):
    with pytest.raises(CredentialMalformed):
        read_authenticator_data(data(UP)[:length])


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (UP, True),
        (UP | UV, True),
        (UP | BE, True),
        (UP | BE | BS, True),
        (UP | BS, False),
        (UV, False),
        (0, False),
    ],
)
def test_presence_and_possible_flags_are_needed(flags, expected):
    assert is_for(read_authenticator_data(data(flags)), RP) is expected


def test_another_relying_party_is_another():
    assert not is_for(read_authenticator_data(data(UP, rp_id_hash=bytes(32))), RP)
