from hashlib import sha256

from hanko_compat.webauthn.relying_party import RelyingParty


def test_its_id_is_hashed():
    assert RelyingParty("example.org", "", frozenset()).id_hash == sha256(b"example.org").digest()
