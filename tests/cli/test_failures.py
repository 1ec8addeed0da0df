"""What scripts learn from exit codes."""

import pytest

from hanko_compat.cli.failures import explained
from hanko_compat.errors import NotThere, OperatorError
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.errors.emails import AddressInvalid, EmailAlreadyTaken
from hanko_compat.errors.users import UserNotFound


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (OperatorError("mend this"), 1),
        (DatabaseUnavailable(), 1),
        (EmailAlreadyTaken(), 1),
        (AddressInvalid(), 2),
        (UserNotFound(), 3),
        (NotThere("there is no user 'bob'"), 3),
    ],
    ids=lambda value: type(value).__name__,
)
def test_exit_codes_tell_kinds_of_failures_apart(error, exit_code):
    failure = explained(error)
    assert failure.exit_code == exit_code
    assert failure.format_message()


def test_the_database_says_why_it_does_not_answer():
    error = DatabaseUnavailable()
    error.__cause__ = OSError("connection refused")
    assert explained(error).format_message() == "the database does not answer: connection refused"
