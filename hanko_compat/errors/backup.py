"""Backups of an SQLite database."""

from hanko_compat.errors import OperatorError


class BackupRefused(OperatorError):
    """There can be no backup of that database, or not there."""


class BackupDamaged(OperatorError):
    """The copy is not sound, so none was kept."""
