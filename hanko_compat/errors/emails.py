"""Addresses: their form, and those of a user."""

from hanko_compat.errors import Conflict, Denied, Invalid, NotFound, Taken


class AddressInvalid(Invalid):
    """No e-mail address, or one that cannot be distinguished from another."""

    message = "no valid e-mail address"
    about = "email"


class AddressTooLong(Invalid):
    """More than ``email.max_length`` characters."""

    message = "the e-mail address is too long"
    about = "email"

    def __init__(self, *, max_length: int) -> None:
        super().__init__()
        self.max_length = max_length  # characters


class EmailAlreadyTaken(Taken):
    """The address belongs to a user."""

    message = "the e-mail address is taken"
    about = "email"


class EmailAlreadyAssigned(Taken):
    """The address belongs to a user, perhaps to the one who adds it."""

    message = "the e-mail address belongs to a user"
    about = "email"


class EmailClaimed(Denied):
    """While its passcode was on the way, the address became another user's."""

    message = "email address has been claimed by another user"


class EmailLimitReached(Conflict):
    """The user has ``email.limit`` addresses."""

    message = "the user has as many addresses as are allowed"
    about = "email"


class EmailNotFound(NotFound):
    """No such address, or somebody else's."""

    message = "no such address of this user"
    about = "email_id"


class EmailIsPrimary(Conflict):
    """The primary address can't be deleted."""

    message = "the primary address stays"
    about = "email_id"
