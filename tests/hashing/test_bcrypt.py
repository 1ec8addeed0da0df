import pytest

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing import bcrypt

HASHED = "$2b$04$jhE/zSMCcKX/Hq.eo2RrUe3CNlgkKdpDnmmsaUWPmuYFdB1xzpJBO"


@pytest.fixture(scope="module")
def hashed():
    return bcrypt.create("correct horse", cost=4)


@pytest.mark.parametrize("version", ["2a", "2b", "2x", "2y"])
def test_every_version_is_read(hashed, version):
    text = hashed.replace("$2b$", f"${version}$")
    stored = bcrypt.read(text)
    assert stored.verify(b"correct horse")
    assert not stored.verify(b"correct hors")


@pytest.mark.parametrize("version", ["2a", "2b", "2x", "2y"])
@pytest.mark.parametrize("bits", [1, 6, 15])
def test_bits_behind_the_salt_mean_nothing(hashed, bits, version):
    """They are no part of the 128, and the library refuses a salt with one of them."""
    value = bcrypt.LETTERS.index(hashed[28])
    text = f"${version}{hashed[3:28]}{bcrypt.LETTERS[value | bits]}{hashed[29:]}"
    stored = bcrypt.read(text)
    assert stored.verify(b"correct horse")
    assert not stored.verify(b"correct hors")


@pytest.mark.parametrize("cost", [4, 5, 8])
def test_any_cost_is_read(cost):
    text = bcrypt.create("correct horse", cost=cost)
    assert text.startswith(f"$2a${cost:02}$")
    assert bcrypt.verify(b"correct horse", text)


@pytest.mark.parametrize(
    ("secret", "fits"),
    [
        ("", True),
        ("x" * 72, True),
        ("x" * 73, False),
        ("ä" * 36, True),
        ("ä" * 36 + "x", False),
        ("🐎" * 18, True),
        ("🐎" * 18 + "x", False),
        ("a\0b", False),
        ("\ud800", True),
    ],
)
def test_what_fits(secret, fits):
    assert bcrypt.fits(secret) == fits
    if fits:
        assert bcrypt.verify(bcrypt.encoded(secret), bcrypt.create(secret, cost=4))


@pytest.mark.parametrize(
    "text",
    [
        "", "plain", HASHED[:-1], HASHED + "x", HASHED + "\n", HASHED.replace("/", "$"),
        HASHED.replace("2b", "2c"), HASHED.replace("04", "03"), HASHED.replace("04", "32"),
        HASHED.replace("04", "4"), "$argon2id$v=19$m=1$a$b",
    ],
)  # fmt: skip
def test_what_is_no_hash_is_refused(text):
    with pytest.raises(HashUnusable):
        bcrypt.read(text)


@pytest.mark.parametrize(
    ("text", "cost", "expected"),
    [
        (HASHED.replace("2b", "2a"), 4, True),
        (HASHED.replace("2b", "2a"), 5, False),
        (HASHED.replace("2b$04", "2a$12"), 5, True),
        (HASHED, 4, False),
        (HASHED[:-1].replace("2b", "2a"), 4, False),
        ("plain", 4, False),
    ],
)
def test_what_is_like_a_new_one(text, cost, expected):
    assert bcrypt.is_as_created(text, cost=cost) is expected
