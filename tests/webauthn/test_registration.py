import contextlib
from uuid import UUID

import pytest
from fido2 import cbor
from hypothesis import given, settings
from hypothesis import strategies as st

from hanko_compat.base64url import decode, encode
from hanko_compat.errors.passkeys import AttestationInvalid, CredentialMalformed, UserVerificationMissing
from hanko_compat.webauthn.client_data import read_client_data
from hanko_compat.webauthn.keys import KINDS
from hanko_compat.webauthn.registration import verify_registration
from hanko_compat.webauthn.relying_party import RelyingParty
from tests.authenticator import (
    ALGORITHMS,
    AT,
    BE,
    BS,
    ORIGIN,
    UP,
    UV,
    Authenticator,
    Key,
    attestation_certificate,
)
from tests.webauthn import vectors
from tests.webauthn.ceremonies import RP, creation, register

OFFERED = [name for name in ALGORITHMS if name != "Ed448"]
ANDROID = "android:apk-key-hash:2Cl3WyYDGrvjSl3X6zVvn1JY_2Jdq2oLzcrg6lRJ8Os"


def verify_vector(vector):
    client_data = read_client_data(vectors.member(vector, "registration", "clientDataJSON"))
    attestation_object = vectors.member(vector, "registration", "attestationObject")
    return client_data, verify_registration(
        client_data, attestation_object, rp=vectors.RP, requires_user_verification=False, algorithms=KINDS
    )


@pytest.mark.parametrize("name", vectors.ACCEPTED)
def test_vectors_are_accepted(name):
    vector = vectors.VECTORS[name]
    client_data, credential = verify_vector(vector)
    assert client_data.challenge == vectors.member(vector, "registration", "challenge")
    assert credential.id == vectors.member(vector, "registration", "credential_id")
    assert credential.aaguid.bytes == vectors.member(vector, "registration", "aaguid")


@pytest.mark.parametrize("name", sorted(vectors.REFUSED))
def test_the_other_vectors_are_refused(name):
    with pytest.raises(AttestationInvalid):
        verify_vector(vectors.VECTORS[name])


def test_thirteen_vectors_are_checked_with_their_statements():
    assert len(vectors.VECTORS) - len(vectors.REFUSED | vectors.UNCHECKED) == 13


@pytest.mark.parametrize("algorithm", OFFERED)
@pytest.mark.parametrize("fmt", ["none", "packed"])
def test_every_offered_algorithm_is_accepted(algorithm, fmt):
    device = Authenticator(algorithm, aaguid=bytes(range(16)), sign_count=7)
    credential = register(device.create(creation(), fmt=fmt), uv=True)
    assert (credential.id, encode(credential.public_key)) == (device.credential_id, device.public_key)
    assert (credential.aaguid, credential.sign_count) == (UUID(bytes=device.aaguid), 7)
    assert (credential.attestation_type, credential.is_user_verified) == (fmt, True)


@pytest.mark.parametrize("algorithm", OFFERED)
def test_a_self_attestation_by_another_key_is_refused(algorithm):
    device, other = Authenticator(algorithm), Key(algorithm)
    with pytest.raises(AttestationInvalid):
        register(
            device.create(creation(), fmt="packed", statement=lambda right: right | {"sig": other.sign(b"")})
        )


def test_an_algorithm_that_was_not_offered_is_refused():
    with pytest.raises(AttestationInvalid):
        register(Authenticator("Ed448").create(creation()))


@pytest.mark.parametrize(
    ("flags", "expected"),
    [(0, (False, False)), (BE, (True, False)), (BE | BS, (True, True))],
)
def test_flags_of_backups_are_told(flags, expected):
    credential = register(Authenticator(flags=flags).create(creation()))
    assert (credential.is_backup_eligible, credential.is_backed_up) == expected


@pytest.mark.parametrize("fmt", ["android-key", "compound", "something-new"])
def test_an_unknown_format_is_told_and_not_checked(fmt):
    credential = register(Authenticator().create(creation(), fmt=fmt, statement=lambda _: {"x": b"y"}))
    assert credential.attestation_type == fmt


def certified(key, device, aaguid=None):
    certificate = attestation_certificate(key, device.aaguid if aaguid is None else aaguid)
    return lambda right: {"alg": key.cose[3], "sig": right["sig"], "x5c": [certificate]}


def test_an_attestation_with_a_certificate_of_anybody_is_accepted():
    device = Authenticator(aaguid=bytes(range(16)))
    answer = device.create(creation(), fmt="packed", statement=certified(device.key, device))
    assert register(answer).attestation_type == "packed"


@pytest.mark.parametrize("fault", ["aaguid", "signature", "certificate"])
def test_an_attestation_with_a_certificate_that_does_not_fit_is_refused(fault):
    device, other = Authenticator(aaguid=bytes(range(16))), Key()
    statement = {
        "aaguid": certified(device.key, device, bytes(16)),
        "signature": certified(other, device),
        "certificate": lambda right: right | {"x5c": [b"none"]},
    }[fault]
    with pytest.raises(AttestationInvalid):
        register(device.create(creation(), fmt="packed", statement=statement))


# One thing is wrong with each of these.
INVALID = {
    "origin": {"origin": "http://evil.example.test"},
    "origin with another port": {"origin": "http://localhost:8889"},
    "origin with another scheme": {"origin": "https://localhost:8888"},
    "origin in capitals": {"origin": "HTTP://LOCALHOST:8888"},
    "origin with a slash": {"origin": ORIGIN + "/"},
    "origin that goes on": {"origin": ORIGIN + ".evil.test"},
    "no origin": {"origin": ""},
    "frame of another site": {"client_data": {"crossOrigin": True, "topOrigin": "https://evil.test"}},
    "relying party": {"rp_id": "evil.example.test"},
    "type": {"type_": "webauthn.get"},
    "unknown type": {"type_": "payment.get"},
    "no user presence": {"flags": UV},
    "backed up but not eligible": {"flags": UP | UV | BS},
    "statement of none": {"statement": lambda _: {"alg": -7}},
    "packed without signature": {"fmt": "packed", "statement": lambda right: {"alg": right["alg"]}},
    "packed with another algorithm": {"fmt": "packed", "statement": lambda right: right | {"alg": -257}},
    "packed with a text for a signature": {"fmt": "packed", "statement": lambda right: right | {"sig": "x"}},
    "packed with certificates that are none": {
        "fmt": "packed",
        "statement": lambda right: right | {"x5c": 5},
    },
    "packed over other data": {"fmt": "packed", "signed": lambda _: b"something else"},
    "empty tpm": {"fmt": "tpm"},
    "empty apple": {"fmt": "apple"},
    "empty fido-u2f": {"fmt": "fido-u2f"},
    "empty safetynet": {"fmt": "android-safetynet"},
    "safetynet that is no token": {"fmt": "android-safetynet", "statement": lambda _: {"response": b"a.b.c"}},
    "no credential": {"authenticator_data": lambda data: data[:32] + bytes([data[32] & ~AT]) + data[33:37]},
}


@pytest.mark.parametrize("fault", INVALID)
def test_one_fault_is_enough(fault):
    with pytest.raises(AttestationInvalid):
        register(Authenticator().create(creation(), **INVALID[fault]))


MALFORMED = {
    "no cbor": lambda _: b"nonsense",
    "nothing": lambda _: b"",
    "cut short": lambda right: right[:-1],
    "more after it": lambda right: right + b"\x00",
    "a list": lambda _: b"\x80",
    "a number": lambda _: b"\x01",
    "without members": lambda _: b"\xa0",
    "endless list": lambda _: b"\x9f",
    "list of four billion": lambda _: b"\x9a\xff\xff\xff\xff",
    "deep": lambda _: b"\x81" * 30_000,
    "wide": lambda _: b"\x99\x70\x00" + b"\x00" * 0x7000,
    "format that is no text": lambda right: cbor.encode(cbor.decode(right) | {"fmt": 5}),
    "format that is long": lambda right: cbor.encode(cbor.decode(right) | {"fmt": "x" * 300}),
    "format with a blank": lambda right: cbor.encode(cbor.decode(right) | {"fmt": "a b"}),
    "statement that is a list": lambda right: cbor.encode(cbor.decode(right) | {"attStmt": []}),
    "data that is text": lambda right: cbor.encode(cbor.decode(right) | {"authData": "x"}),
    "data that is short": lambda right: cbor.encode(cbor.decode(right) | {"authData": b"x" * 36}),
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_what_is_no_attestation_object_is_malformed(fault):
    with pytest.raises(CredentialMalformed):
        register(Authenticator().create(creation(), attestation_object=MALFORMED[fault]))


@pytest.mark.parametrize(
    "cose",
    [
        lambda right: {},
        lambda right: right | {3: -999},
        lambda right: right | {3: "ES256"},
        lambda right: right | {1: 3},
        lambda right: right | {-1: 2},
        lambda right: right | {-2: b"\x01" * 32},
        lambda right: right | {-2: right[-2] + b"\x00"},
        lambda right: right | {-3: True},
        lambda right: {name: value for name, value in right.items() if name != -3},
    ],
)
def test_a_key_that_is_none_is_malformed(cose):
    with pytest.raises(CredentialMalformed):
        register(Authenticator().create(creation(), cose=cose))


def test_user_verification_is_missed_only_where_it_is_required_and_all_else_is_well():
    assert register(Authenticator().create(creation(), flags=UP)).is_user_verified is False
    with pytest.raises(UserVerificationMissing):
        register(Authenticator().create(creation(), flags=UP), uv=True)
    with pytest.raises(AttestationInvalid):
        register(Authenticator().create(creation(), flags=UP, rp_id="evil.test"), uv=True)


@pytest.mark.parametrize("origin", ["https://one.test", "https://two.test:8443", ANDROID])
def test_each_of_several_origins_is_accepted(origin):
    rp = RelyingParty("localhost", "Test", frozenset({"https://one.test", "https://two.test:8443", ANDROID}))
    assert register(Authenticator().create(creation(), origin=origin), rp=rp)


@pytest.mark.parametrize("origin", [ANDROID.lower(), ANDROID + "=", ANDROID[:-1], "android:apk-key-hash:"])
def test_an_application_with_another_certificate_is_refused(origin):
    rp = RelyingParty("localhost", "Test", frozenset({ANDROID}))
    with pytest.raises(AttestationInvalid):
        register(Authenticator().create(creation(), origin=origin), rp=rp)


def test_a_frame_of_one_of_the_origins_is_accepted():
    told = {"crossOrigin": True, "topOrigin": ORIGIN}
    assert register(Authenticator().create(creation(), client_data=told))


def test_extensions_are_passed_over():
    assert register(Authenticator().create(creation(), extensions={"credProtect": 2}))


ANSWER = Authenticator().create(creation(), fmt="packed")["response"]
RIGHT = decode(ANSWER["attestationObject"])
CLIENT_DATA = read_client_data(decode(ANSWER["clientDataJSON"]))


def verify(attestation_object):
    return verify_registration(CLIENT_DATA, attestation_object, rp=RP, requires_user_verification=False)


def wrapped(fmt, statement):
    return cbor.encode(cbor.decode(RIGHT) | {"fmt": fmt, "attStmt": statement})


VALUES = st.recursive(
    st.integers(-(2**63), 2**63) | st.binary(max_size=40) | st.text(max_size=10) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=300)
    | st.tuples(st.integers(0, len(RIGHT) - 1), st.integers(0, 255)).map(
        lambda change: RIGHT[: change[0]] + bytes([change[1]]) + RIGHT[change[0] + 1 :]
    )
    | st.builds(
        wrapped,
        st.sampled_from(["none", "packed", "tpm", "apple", "fido-u2f", "android-safetynet", "other"]),
        st.dictionaries(
            st.sampled_from(["alg", "sig", "x5c", "ver", "response", "certInfo", "pubArea"]),
            VALUES,
            max_size=7,
        ),
    )
)
def test_any_bytes_are_a_credential_or_refused(attestation_object):
    with contextlib.suppress(AttestationInvalid, CredentialMalformed):
        assert verify(attestation_object).id


def test_a_bit_that_is_turned_is_refused():
    assert verify(RIGHT)
    name = RIGHT.index(b"packed")  # any other is that of a format that is not checked
    for position in set(range(len(RIGHT))) - set(range(name, name + len(b"packed"))):
        turned = RIGHT[:position] + bytes([RIGHT[position] ^ 1]) + RIGHT[position + 1 :]
        with pytest.raises((AttestationInvalid, CredentialMalformed)):
            verify(turned)
