"""Rows that no test of this package shows, but one of another."""

from fnmatch import fnmatchcase

from tests.effects.rows import Row

SIGN_COUNTS = "tests/services/passkeys/test_sign_counts.py"
BACKUP_FLAGS = "tests/services/passkeys/test_backup_flags.py"
ORDER = "tests/public/test_recorded_order.py"
IDLE = "tests/public/test_idle.py"

# Keys, values and requests of rows, as patterns, and the file of the test that shows them.
OTHER_TESTS: list[tuple[str, str, str, str]] = [
    ("(a) *", "*", "POST /webauthn/login/finalize", SIGN_COUNTS),
    ("(b) *", "*", "POST /webauthn/login/finalize*", BACKUP_FLAGS),
    ("(c) rate limit on", "*", "POST /passcode/login/initialize*", ORDER),
    ("(c) rate limit on", "*", "POST /password/login*", ORDER),
    ("(c) rate limit on", "*", "POST /token", ORDER),
    ("(d) *", "*", "*", ORDER),
    ("session.idle_timeout", "*", "*", IDLE),
]


def is_shown_by(row: Row, entry: tuple[str, str, str, str]) -> bool:
    """Whether the row is one of those of an *entry* of `OTHER_TESTS`."""
    # Brackets are no pattern here.
    patterns = [text.replace("[", "[[]") for text in entry[:3]]
    return all(map(fnmatchcase, row[:3], patterns))
