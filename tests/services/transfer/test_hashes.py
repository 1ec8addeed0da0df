"""A hash is taken if a log-in can check it."""

import pytest

from hanko_compat.hashing import reading
from hanko_compat.services.transfer.hashes import USUAL, checked
from tests.services.transfer.samples import HASH

BYTES = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
FIREBASE = f"$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk={BYTES}$c2FsdA==${BYTES}"
ARGON2 = "$argon2id$v=19$m={memory},t=3,p=4$c2FsdHNhbHRzYWx0$QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY"


@pytest.mark.parametrize(
    "hashed", [HASH, "$2b" + HASH[3:], "$2y" + HASH[3:], FIREBASE, ARGON2.format(memory=65536)]
)
def test_known_kinds_are_taken(hashed):
    assert checked(hashed) == hashed


@pytest.mark.parametrize("version", "abxy")
@pytest.mark.parametrize("cost", range(32))
def test_what_is_taken_without_a_closer_look_would_be_taken_with_one(version, cost):
    hashed = f"$2{version}${cost:02}${HASH[7:]}"
    if USUAL.fullmatch(hashed):
        assert reading.describe(hashed).parameters == {"cost": cost}


def test_most_hashes_need_no_closer_look():
    assert USUAL.fullmatch(HASH)


@pytest.mark.parametrize(
    "hashed",
    [
        "",
        "secret",
        "$",
        "$$",
        HASH + "x",
        "$2a$99$" + HASH[7:],
        "$unknown$x",
        FIREBASE.replace("n=14", "n=24"),
    ],
)
def test_what_no_log_in_could_check_is_refused_with_a_reason(hashed):
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        checked(hashed)


def test_what_costs_too_much_is_refused_with_its_parameters():
    with pytest.raises(ValueError, match=r"m=1048576.* 256 MB are the most"):
        checked(ARGON2.format(memory=1048576))
