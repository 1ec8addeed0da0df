"""Users on their way in and out: why a file can't be read, or an import can't go on."""

from hanko_compat.errors import OperatorError


class ImportFileUnreadable(OperatorError):
    """The file is no JSON array, or ends before the array does."""


class ImportStopped(OperatorError):
    """The database refuses an entry that looked right, or another process imports the same file."""


class ExportRefused(OperatorError):
    """There is nowhere that the export may be written to."""
