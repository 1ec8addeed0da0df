"""The database: whether it answers, and whether it can be served from."""

from hanko_compat.errors import Invalid, OperatorError, TryLater


class DatabaseUnavailable(TryLater):
    """The database does not answer; or takes no connection as it is configured, then ``fault`` says why."""

    message = "the database is unavailable"

    def __init__(self, *, retry_after: int = 1, fault: str = "") -> None:
        super().__init__(retry_after=retry_after)
        self.fault = fault  # for operators: the option of the URL, and what to change

    def __str__(self) -> str:
        return self.fault or self.message


class TextNotStorable(Invalid):
    """Text with characters that the database's encoding lacks."""

    message = "text has characters that can't be stored"
    about = "body"  # the database does not say which of its members


class DatabaseMissing(OperatorError):
    """There is no SQLite file, and this command makes none."""


class SchemaBehind(OperatorError):
    """Migrations are missing, or rows of an unfinished copy."""


class MigrationUnderWay(OperatorError):
    """Another process has been migrating for longer than one waits."""


class SchemaUnsupported(OperatorError):
    """A database that this server can't share."""


class RightsMissing(OperatorError):
    """The database's account may not do what serving takes."""


class CopyRefused(OperatorError):
    """A copy between databases that can't be begun, gone on with or finished."""


class StatementOutdated(Exception):
    """A prepared query can't be used any more; the transaction that it was part of has to be run again."""


class TransactionRefused(Exception):
    """The database did not run a transaction to its end; nothing of it is stored."""
