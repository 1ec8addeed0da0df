"""Files of users, be they of ours or of another system."""

from hanko_compat.errors import OperatorError


class UserFileUnreadable(OperatorError):
    """A file that is not of the form that is wanted, or that breaks off."""
