"""Users on their way in and out: why an import can't go on, or there is no export."""

from hanko_compat.errors import OperatorError


class ImportStopped(OperatorError):
    """The database refuses an entry that looked right, or another process imports the same file."""


class ExportRefused(OperatorError):
    """There is nowhere that the export may be written to."""


class TemporaryFileFailed(OperatorError):
    """What an import keeps in a temporary file can't be written or read."""
