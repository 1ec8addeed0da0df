"""What scripts learn from exit codes."""

import errno

import pytest

from hanko_compat.cli.failures import OF_FILES, explained, fault_of_file
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


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            PermissionError(errno.EACCES, "Permission denied", "users\x1b.json"),
            "users\\x1b.json: Permission denied",
        ),
        (PermissionError(errno.EACCES, "Permission denied", b"\xff"), "\\udcff: Permission denied"),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            "reading or writing fails: No space left on device",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_files_are_named_with_the_reason(error, text):
    assert error.errno in OF_FILES
    assert fault_of_file(error) == text


def test_a_pipe_that_nobody_reads_any_more_is_no_fault_of_a_file():
    assert errno.EPIPE not in OF_FILES
