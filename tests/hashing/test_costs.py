from time import thread_time

import pytest

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing import costs
from hanko_compat.hashing.reading import describe, read
from hanko_compat.hashing.stored import Description


@pytest.mark.parametrize(
    ("seconds", "memory", "reason"),
    [
        (1.0, 256 * 2**20, None),
        (1.01, 0, "x (n=3) takes 1.1 s a log-in; 1 s is the most"),
        (0, 256 * 2**20 + 1, "x (n=3) needs 257 MB; 256 MB are the most"),
        (99, 512 * 2**20, "x (n=3) needs 512 MB; 256 MB are the most"),
    ],
)
def test_the_limits(seconds, memory, reason):
    description = Description("x", {"n": 3}, seconds=seconds, memory=memory)
    if reason is None:
        costs.check(description)
        return
    with pytest.raises(HashUnusable) as refused:
        costs.check(description)
    assert refused.value.reason == reason


# Each takes about 20 ms.
@pytest.mark.parametrize(
    "hashed",
    [
        "$2b$08$jhE/zSMCcKX/Hq.eo2RrUe3CNlgkKdpDnmmsaUWPmuYFdB1xzpJBO",
        f"$scrypt$ln=13,r=8,p=1$c29tZXNhbHQ${'A' * 43}",
        f"$argon2id$v=19$m=16384,t=2,p=1$c29tZXNhbHQ${'A' * 43}",
        f"$pbkdf2$80000$c29tZXNhbHQ${'A' * 27}",
        f"$pbkdf2-sha256$80000$c29tZXNhbHQ${'A' * 43}",
        f"$pbkdf2-sha512$40000$c29tZXNhbHQ${'A' * 86}",
        "$P$B12345678" + "x" * 22,
        "$S$B12345678" + "x" * 43,
    ],
    ids=lambda text: text[:14],
)
def test_estimates_are_of_the_right_size(hashed):
    """Ten times more or less, whatever the machine: enough to find a constant that was divided wrongly."""
    stored, password = read(hashed), b"x" * min(1024, read(hashed).longest)
    begin = thread_time()
    assert not stored.verify(password)
    took = thread_time() - begin
    assert took / 10 < describe(hashed).seconds < took * 10
