import pytest

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing.foreign import prehashed
from tests.hashing.samples import DJANGO, DJANGO_LONG, GOOD, LONG, WORDPRESS, WORDPRESS_LONG


@pytest.mark.parametrize(
    ("reader", "text", "password"),
    [
        (prehashed.read_django, DJANGO[3], GOOD),
        (prehashed.read_django, DJANGO_LONG[3], LONG),
        (prehashed.read_wordpress, WORDPRESS, GOOD),
        (prehashed.read_wordpress, WORDPRESS_LONG, LONG),
        # Of a published WordPress 6.8 image.
        (
            prehashed.read_wordpress,
            "$wp$2y$10$Q1xinFjrZeLWJBvxviIL6u834Fu.evIEFHAUVisQ5O.w9Dm0sMdES",
            "admin",
        ),
    ],
)
def test_the_digest_of_the_password_is_compared(reader, text, password):
    stored = reader(text)
    assert stored.verify(password.encode())
    assert not stored.verify(password.encode() + b"x")
    assert stored.longest > 72


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (prehashed.read_django, DJANGO[4]),
        (prehashed.read_django, DJANGO[3][:-1]),
        (prehashed.read_wordpress, WORDPRESS[:-1]),
        (prehashed.read_wordpress, "$wp$P$B"),
    ],
)
def test_what_is_none_is_refused(reader, text):
    with pytest.raises(HashUnusable):
        reader(text)
