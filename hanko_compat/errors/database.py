"""The database: whether it answers, and whether it can be served from."""

from hanko_compat.errors import OperatorError, TryLater


class DatabaseUnavailable(TryLater):
    """The database does not answer."""

    message = "the database is unavailable"


class DatabaseMissing(OperatorError):
    """There is no SQLite file, and this command makes none."""


class SchemaBehind(OperatorError):
    """Migrations are missing, or rows of an unfinished copy."""


class SchemaUnsupported(OperatorError):
    """A database that this server can't share."""


class RightsMissing(OperatorError):
    """The database's account may not do what serving takes."""


class CopyRefused(OperatorError):
    """A copy between databases that can't be begun, gone on with or finished."""


class TransactionRefused(Exception):
    """The database did not run a transaction to its end; nothing of it is stored."""
