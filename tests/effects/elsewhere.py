"""Rows that no test of this package shows: what waits for later work, and what other tests show."""

from fnmatch import fnmatchcase

from tests.effects.rows import Row

# Keys, values and requests of rows that wait, as patterns, and what they wait for. The list only shrinks:
# a row leaves it when its request is served.
LATER: list[tuple[str, str, str, str]] = []

SIGN_COUNTS = "tests/services/passkeys/test_sign_counts.py"
BACKUP_FLAGS = "tests/services/passkeys/test_backup_flags.py"
ORDER = "tests/public/test_recorded_order.py"
IDLE = "tests/public/test_idle.py"

# The same for rows that another test shows, with its file.
OTHER_TESTS: list[tuple[str, str, str, str]] = [
    ("(a) *", "*", "POST /webauthn/login/finalize", SIGN_COUNTS),
    ("(b) *", "*", "POST /webauthn/login/finalize*", BACKUP_FLAGS),
    ("(c) rate limit on", "*", "POST /passcode/login/initialize*", ORDER),
    ("(c) rate limit on", "*", "POST /password/login*", ORDER),
    ("(c) rate limit on", "*", "POST /token", ORDER),
    ("(d) *", "*", "*", ORDER),
    ("session.idle_timeout", "*", "*", IDLE),
]


def place_of(row: Row, table: list[tuple[str, str, str, str]]) -> str | None:
    """What a table says of a row, if it has it."""
    for key, value, request, place in table:
        # Brackets are no pattern here.
        patterns = [text.replace("[", "[[]") for text in (key, value, request)]
        if all(map(fnmatchcase, row[:3], patterns)):
            return place
    return None


def is_later(row: Row) -> bool:
    """Whether the row waits for later work."""
    return place_of(row, LATER) is not None
