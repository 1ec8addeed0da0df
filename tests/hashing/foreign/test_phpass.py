import pytest

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing.foreign import phpass
from tests.hashing.samples import DRUPAL, GOOD, PHPASS

# Of the test that phpass comes with.
PUBLISHED = "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"


def test_the_published_example_verifies_with_either_prefix():
    for text in (PUBLISHED, PUBLISHED.replace("$P$", "$H$")):
        assert phpass.read_portable(text).verify(b"test12345")
        assert not phpass.read_portable(text).verify(b"test12346")


@pytest.mark.parametrize("text", PHPASS)
def test_those_of_libpass_verify(text):
    assert phpass.read_portable(text).verify(GOOD.encode())


@pytest.mark.parametrize(("password", "text"), DRUPAL)
def test_those_of_drupal_verify(password, text):
    stored = phpass.read_drupal(text)
    assert stored.verify(password.encode())
    assert not stored.verify(password.encode() + b"x")
    other = text.removeprefix("U") if text.startswith("U") else f"U{text}"
    assert not phpass.read_drupal(other).verify(password.encode())


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (phpass.read_portable, PUBLISHED[:-1]),
        (phpass.read_portable, PUBLISHED + "x"),
        (phpass.read_portable, PUBLISHED + "\n"),
        (phpass.read_portable, PUBLISHED.replace("$9", "$4")),  # 2**6
        (phpass.read_portable, PUBLISHED.replace("$9", "$T")),  # 2**31
        (phpass.read_portable, PUBLISHED.replace("T", "!")),
        (phpass.read_drupal, DRUPAL[0][1][:-1]),
        (phpass.read_drupal, DRUPAL[0][1] + "x"),
        (phpass.read_drupal, DRUPAL[0][1].replace("$C", "$4")),
        (phpass.read_drupal, f"U{DRUPAL[2][1]}"),
    ],
)
def test_what_is_none_is_refused(reader, text):
    with pytest.raises(HashUnusable):
        reader(text)
