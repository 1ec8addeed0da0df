from concurrent.futures import ThreadPoolExecutor
from threading import Event, Semaphore

import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.errors.hashing import Overloaded
from hanko_compat.hashing.hasher import NO_PASSCODE, NO_PASSWORD, Hasher
from tests.hashes import observed, observed_checks
from tests.hashing.foreign.test_firebase import hash_of
from tests.servers.process import PATIENCE

HASHER = Hasher(concurrency=2, queue=2)
HER = {"client": "203.0.113.9"}
CHEAP = bcrypt.hashpw(b"correct horse", bcrypt.gensalt(4)).decode()


@pytest.fixture
def computed():
    """The hashes that bcrypt compares with."""
    with observed_checks() as hashes:
        yield hashes


@pytest.mark.slow
def test_a_password_is_hashed_as_hanko_does():
    hashed = HASHER.hash_password("correct horse", **HER)
    assert hashed.startswith("$2a$12$")
    assert HASHER.verify_password("correct horse", hashed, **HER)
    assert not HASHER.verify_password("correct hors", hashed, **HER)


def test_a_passcode_is_hashed_cheaply():
    hashed = HASHER.hash_passcode("012345", **HER)
    assert hashed.startswith("$2a$04$")
    assert HASHER.verify_passcode("012345", hashed, **HER)
    assert not HASHER.verify_passcode("12345", hashed, **HER)


def test_hashes_of_firebase_verify():
    assert HASHER.verify_password("user1password", hash_of(), **HER)
    assert not HASHER.verify_password("user2password", hash_of(), **HER)


@pytest.mark.parametrize(
    "hashed", [None, "", "plain", "$2b$04$short", "$fbscrypt$v=1", hash_of(n=30), "$1$x$y"]
)
@pytest.mark.slow
def test_without_a_readable_hash_it_takes_as_long(computed, hashed):
    assert not HASHER.verify_password("anything", hashed, **HER)
    assert not HASHER.verify_passcode("123456", hashed, **HER)
    assert computed == [NO_PASSWORD, NO_PASSCODE]  # one hash each, of the usual cost


@pytest.mark.parametrize("secret", ["x" * 73, "x" * 100_000, "a\0b"])
@pytest.mark.slow
def test_what_bcrypt_would_cut_is_refused_at_the_usual_price(computed, secret):
    assert not HASHER.verify_password(
        secret, bcrypt.hashpw(secret.encode()[:72], bcrypt.gensalt(4)).decode(), **HER
    )
    assert computed == [NO_PASSWORD]


@given(st.text(), st.text() | st.from_regex(r"\A\$(2b|fbscrypt)\$.{0,80}\Z"))
def test_no_text_raises(secret, hashed):
    assert HASHER.verify_passcode(secret, hashed, **HER) is False


def test_a_flood_of_passwords_is_turned_away_and_leaves_passcodes_alone():
    hasher, inside, done = Hasher(concurrency=1, queue=0), Semaphore(0), Event()

    def hold_up(hashed):
        if hashed == CHEAP:
            inside.release()
            done.wait(PATIENCE)

    with ThreadPoolExecutor(1) as pool, observed(hold_up):
        first = pool.submit(hasher.verify_password, "correct horse", CHEAP, **HER)
        inside.acquire()
        with pytest.raises(Overloaded):
            hasher.verify_password("correct horse", CHEAP, **HER)
        with pytest.raises(Overloaded):
            hasher.hash_password("correct horse", **HER)
        assert hasher.verify_passcode("123456", hasher.hash_passcode("123456", **HER), **HER)
        done.set()
        assert first.result()
