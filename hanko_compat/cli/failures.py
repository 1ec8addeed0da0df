"""How a command fails: one line on standard error, and an exit code that tells a script what kind it is."""

import errno
import os
from collections.abc import Callable
from typing import Any

import click

from hanko_compat.cli.output import harmless
from hanko_compat.errors import HankoCompatError, Invalid, NotFound, NotThere, OperatorError
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.errors.emails import AddressTooLong
from hanko_compat.errors.identifiers import IdentifierAlreadyTaken
from hanko_compat.errors.passwords import PasswordsDisabled, PasswordTooLong, PasswordTooShort

MORE: dict[type[HankoCompatError], Callable[[Any], str]] = {
    AddressTooLong: lambda error: f"{error.max_length} characters are allowed",
    IdentifierAlreadyTaken: lambda _: (
        "a user has this address or username, see `hanko-compat users list --search`"
    ),
    PasswordTooShort: lambda error: f"password.min_length is {error.min_length} characters",
    PasswordTooLong: lambda error: f"{error.max_length} bytes in UTF-8 are allowed",
    PasswordsDisabled: lambda _: "password.enabled is false",
}
"""What operators learn of an error beyond its message."""


OF_FILES = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM),
        *(errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP),
    }
)
"""What an operator has to mend where a file, or standard output, can't be read or written."""

UNUSABLE = 2
"""Exit code: a value on the command line, or typed in, can't be used."""
MISSING = 3
"""Exit code: what the command line names does not exist."""


def explained(error: OperatorError | HankoCompatError) -> click.ClickException:
    """What an error of ours comes to at a terminal."""
    if isinstance(error, DatabaseUnavailable):
        cause = error.__cause__ or error
        return click.ClickException(error.fault or f"the database does not answer: {cause}")
    more = next((tell(error) for kind, tell in MORE.items() if isinstance(error, kind)), "")
    text = f"{error}: {more}" if more else str(error)
    if isinstance(error, NotThere | NotFound):
        return _failure(text, exit_code=MISSING)
    return _failure(text, exit_code=UNUSABLE) if isinstance(error, Invalid) else click.ClickException(text)


def fault_of_file(error: OSError) -> str:
    """What a file's fault comes to at a terminal: its name, if it has one, and the system's reason."""
    name = "reading or writing fails" if error.filename is None else harmless(os.fsdecode(error.filename))
    return f"{name}: {error.strerror}"


def _failure(text: str, *, exit_code: int) -> click.ClickException:
    failure = click.ClickException(text)
    failure.exit_code = exit_code  # type: ignore[misc]  # click asks the instance
    return failure
