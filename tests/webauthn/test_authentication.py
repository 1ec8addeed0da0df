import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanko_compat.base64url import decode, encode
from hanko_compat.errors.passkeys import AssertionInvalid, CredentialMalformed, UserVerificationMissing
from hanko_compat.webauthn.authentication import verify_assertion
from hanko_compat.webauthn.client_data import read_client_data
from hanko_compat.webauthn.keys import KINDS
from hanko_compat.webauthn.registration import verify_registration
from tests.authenticator import ALGORITHMS, BE, BS, ORIGIN, UP, UV, Authenticator, Key
from tests.webauthn import vectors
from tests.webauthn.ceremonies import RP, log_in, request


def public_key_of(vector):
    client_data = read_client_data(vectors.member(vector, "registration", "clientDataJSON"))
    attestation_object = vectors.member(vector, "registration", "attestationObject")
    credential = verify_registration(
        client_data, attestation_object, rp=vectors.RP, requires_user_verification=False, algorithms=KINDS
    )
    return encode(credential.public_key)


@pytest.mark.parametrize("name", vectors.ACCEPTED)
def test_vectors_are_accepted(name):
    vector = vectors.VECTORS[name]
    client_data = read_client_data(vectors.member(vector, "authentication", "clientDataJSON"))
    data = vectors.member(vector, "authentication", "authenticatorData")
    signature = vectors.member(vector, "authentication", "signature")
    rules = {"rp": vectors.RP, "public_key": public_key_of(vector), "requires_user_verification": False}
    assert verify_assertion(client_data, data, signature, **rules).sign_count == int.from_bytes(data[33:37])
    assert client_data.challenge == vectors.member(vector, "authentication", "challenge")
    with pytest.raises(AssertionInvalid):
        verify_assertion(client_data, data, signature[:-1] + bytes([signature[-1] ^ 1]), **rules)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_logs_in(algorithm):
    device = Authenticator(algorithm, sign_count=2**32 - 2)
    assertion = log_in(device.get(request()), device.public_key, uv=True)
    assert (assertion.sign_count, assertion.is_user_verified) == (2**32 - 1, True)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_another_key_of_the_same_algorithm_does_not(algorithm):
    device = Authenticator(algorithm)
    with pytest.raises(AssertionInvalid):
        log_in(device.get(request()), Key(algorithm).public_key)


@pytest.mark.parametrize("flags", [0, BE, BE | BS])
def test_flags_of_backups_are_told(flags):
    device = Authenticator(flags=flags)
    assertion = log_in(device.get(request()), device.public_key)
    assert (assertion.is_backup_eligible, assertion.is_backed_up) == (bool(flags & BE), bool(flags & BS))


INVALID = {
    "origin": {"origin": "http://evil.example.test"},
    "origin that goes on": {"origin": ORIGIN + ".evil.test"},
    "frame of another site": {"client_data": {"topOrigin": "https://evil.test"}},
    "relying party": {"rp_id": "evil.example.test"},
    "type": {"type_": "webauthn.create"},
    "no user presence": {"flags": UV},
    "backed up but not eligible": {"flags": UP | BS},
    "signature over something else": {"signed": lambda _: b"something else"},
    "empty signature": {"signature": lambda _: b""},
    "signature cut short": {"signature": lambda right: right[:-1]},
    "long signature": {"signature": lambda right: right + b"\x00"},
}


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "EdDSA"])
@pytest.mark.parametrize("fault", INVALID)
def test_one_fault_is_enough(fault, algorithm):
    device = Authenticator(algorithm)
    with pytest.raises(AssertionInvalid):
        log_in(device.get(request(), **INVALID[fault]), device.public_key)


@pytest.mark.parametrize(
    "change",
    [
        lambda right: right[:36],
        lambda right: right + b"\x00",
        lambda right: b"",
        lambda right: right[:32] + b"\x85" + right[33:],
    ],
)
def test_what_is_no_authenticator_data_is_malformed(change):
    device = Authenticator()
    with pytest.raises(CredentialMalformed):
        log_in(device.get(request(), authenticator_data=change), device.public_key)


@pytest.mark.parametrize("public_key", ["", "AAAA", "!", "oA", encode(b"\xa1\x03\x26")])
def test_a_stored_key_that_is_none_logs_nobody_in(public_key):
    with pytest.raises(AssertionInvalid):
        log_in(Authenticator().get(request()), public_key)


def test_user_verification_is_missed_only_where_it_is_required_and_all_else_is_well():
    device = Authenticator()
    assert log_in(device.get(request(), flags=UP), device.public_key).is_user_verified is False
    with pytest.raises(UserVerificationMissing):
        log_in(device.get(request(), flags=UP), device.public_key, uv=True)
    with pytest.raises(AssertionInvalid):
        log_in(device.get(request(), flags=UP, signed=lambda _: b"x"), device.public_key, uv=True)


DEVICE = Authenticator()
ANSWER = DEVICE.get(request())["response"]
CLIENT_DATA = read_client_data(decode(ANSWER["clientDataJSON"]))
DATA, SIGNATURE = decode(ANSWER["authenticatorData"]), decode(ANSWER["signature"])
PARTS = [st.binary(max_size=100) | st.just(right) for right in (DATA, SIGNATURE, decode(DEVICE.public_key))]


@settings(max_examples=300, deadline=None)
@given(*PARTS)
def test_any_bytes_are_a_log_in_or_refused(data, signature, public_key):
    try:
        verify_assertion(
            CLIENT_DATA,
            data,
            signature,
            rp=RP,
            public_key=encode(public_key),
            requires_user_verification=False,
        )
    except (AssertionInvalid, CredentialMalformed):
        return
    assert (data, signature, public_key) == (DATA, SIGNATURE, decode(DEVICE.public_key))
