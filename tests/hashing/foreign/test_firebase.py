import pytest

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing.foreign import firebase

# The example in the documentation of Firebase's own scrypt tool.
SIGNER_KEY = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
SALT = "42xEC+ixf3L2lw=="
EXPECTED = "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="


def hash_of(**changes):
    parts = {"v": 1, "n": 14, "r": 8, "p": 1, "ss": "Bw==", "sk": SIGNER_KEY, "salt": SALT, "hash": EXPECTED}
    return "$fbscrypt$v={v},n={n},r={r},p={p},ss={ss},sk={sk}${salt}${hash}".format(**(parts | changes))


def verifies(text, password=b"user1password"):
    return firebase.read(text).verify(password)


def test_the_published_example_verifies():
    assert verifies(hash_of())


@pytest.mark.parametrize(
    "password", [b"", b"user1passwor", b"user1password ", b"User1password", b"\0", b"x" * 500]
)
def test_other_passwords_do_not(password):
    assert not verifies(hash_of(), password)


def test_base64_may_be_unpadded_or_of_the_other_alphabet():
    swapped = {"sk": SIGNER_KEY, "salt": SALT, "hash": EXPECTED}
    swapped = {name: text.replace("+", "-").replace("/", "_").rstrip("=") for name, text in swapped.items()}
    assert verifies(hash_of(ss="Bw", **swapped))


@pytest.mark.parametrize(
    "changes",
    [
        {"n": 13}, {"r": 7}, {"p": 2}, {"ss": "CA=="}, {"ss": ""}, {"salt": "43xEC+ixf3L2lw=="},
        {"sk": EXPECTED}, {"hash": SIGNER_KEY},
    ],
    ids=str,
)  # fmt: skip
def test_each_part_decides(changes):
    assert not verifies(hash_of(**changes))


@pytest.mark.parametrize(
    "text",
    [
        "", "$fbscrypt$", hash_of()[:40], hash_of(v=2), hash_of(n="x"), hash_of(n=0), hash_of(r=0),
        hash_of(p=0), hash_of(salt="§"),
        hash_of(salt="abcde"),
        hash_of(sk="!"), hash_of(hash="="), hash_of(sk="=", hash="="),
        hash_of(hash=EXPECTED[:-4]), hash_of() + "$", hash_of() + "\n",
    ],
)  # fmt: skip
def test_what_is_no_hash_is_refused(text):
    with pytest.raises(HashUnusable):
        firebase.read(text)
