import pytest

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing.stored import Description, checked_digest


def test_a_description_reads_as_text():
    assert str(Description("argon2id", {"m": 65536, "t": 3})) == "argon2id (m=65536, t=3)"
    assert str(Description("argon2id")) == "argon2id"


def test_a_short_digest_proves_nothing():
    assert checked_digest(bytes(16), of="x") == bytes(16)
    with pytest.raises(HashUnusable) as refused:
        checked_digest(bytes(15), of="x")
    assert refused.value.reason == "x: the hash has fewer than 16 bytes"
