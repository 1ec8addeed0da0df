"""What it costs to check one password, estimated from the parameters of its hash.

The constants are CPU times of one core of a rented server (AMD EPYC, 2026, ``time.process_time``): the best
of three runs of the library that is used here, divided by the rounds, rounded up. scrypt and Argon2 ran with
parameters near the limits, where memory is slowest. Other machines differ by a factor of two or so; limits
are for what differs by a hundred.
"""

from collections.abc import Mapping
from math import ceil
from types import MappingProxyType

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing.stored import Description

MOST_SECONDS = 1.0
MOST_MEMORY = 256 * 1024 * 1024  # bytes

BCRYPT_ROUND = 58e-6  # seconds, of 2**cost rounds
SCRYPT_BLOCK = 0.4e-6  # seconds, of N * r * p blocks of 128 bytes
ARGON2_KIB = 1.25e-6  # seconds, of m * t: each KiB in each pass, in all lanes together
PBKDF2_ROUND: Mapping[str, float] = MappingProxyType({"sha1": 0.24e-6, "sha256": 0.24e-6, "sha512": 0.52e-6})
# In Python, round by round, and each takes in the whole password: with the longest that is checked.
PHPASS_ROUND = 1.8e-6  # seconds, with MD5 or SHA-512


def check(description: Description) -> None:
    """Let pass what a server can compute at each log-in.

    Raises:
        HashUnusable: it would take more than a second, or more than 256 MB.
    """
    if description.memory > MOST_MEMORY:
        megabytes = ceil(description.memory / 1024 / 1024)
        raise HashUnusable(f"{description} needs {megabytes} MB; 256 MB are the most")
    if description.seconds > MOST_SECONDS:
        tenths = ceil(description.seconds * 10)
        raise HashUnusable(f"{description} takes {tenths / 10} s a log-in; 1 s is the most")
