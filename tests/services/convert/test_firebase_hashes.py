import json

import pytest

from hanko_compat.errors.convert import HashConfigInvalid
from hanko_compat.services.convert.firebase_hashes import HashConfig, read_hash_config
from tests.services.convert.converting import DATA

SHOWN = (DATA / "firebase-hash-config.txt").read_text()
MEMBERS = {
    "algorithm": "SCRYPT",
    "base64_signer_key": "AAECAwQF",
    "base64_salt_separator": "Bw==",
    "rounds": 8,
    "mem_cost": 14,
}
READ = HashConfig(signer_key="AAECAwQF", salt_separator="Bw==", rounds=8, mem_cost=14)


def test_as_the_console_shows_it():
    config = read_hash_config(SHOWN)
    assert (config.rounds, config.mem_cost, config.salt_separator) == (8, 14, "Bw==")
    assert config.signer_key.startswith("AAECAwQF")


@pytest.mark.parametrize(
    "written",
    [MEMBERS, {"hash_config": MEMBERS}, MEMBERS | {"rounds": "8"}, MEMBERS | {"base64_salt_separator": "Bw"}],
)
def test_as_json_wrapped_or_not(written):
    assert read_hash_config(json.dumps(written)) == READ


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"algorithm": "BCRYPT"}, "algorithm SCRYPT"),
        ({"algorithm": None}, "algorithm SCRYPT"),
        ({"base64_signer_key": ""}, "base64_signer_key"),
        ({"base64_signer_key": "no,base64"}, "base64_signer_key"),
        ({"base64_signer_key": 7}, "base64_signer_key"),
        ({"base64_salt_separator": "$"}, "base64_salt_separator"),
        ({"rounds": 0}, "rounds"),
        ({"rounds": True}, "rounds"),
        ({"rounds": "٣"}, "rounds"),
        ({"mem_cost": 31}, "mem_cost"),
        ({"mem_cost": None}, "mem_cost"),
    ],
)
def test_what_is_wrong_is_named(change, told):
    with pytest.raises(HashConfigInvalid, match=told):
        read_hash_config(json.dumps(MEMBERS | change))


@pytest.mark.parametrize("text", ["", "[]", "null", "x", '{"hash_config": 1}', "[" * 100_000])
def test_other_files_are_none(text):
    with pytest.raises(HashConfigInvalid, match="Firebase's console"):
        read_hash_config(text)


def test_the_key_is_not_shown():
    assert "AAEC" not in repr(READ)
