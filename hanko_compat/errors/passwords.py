"""Passwords."""

from hanko_compat.errors import Disabled, Invalid, Unauthenticated


class PasswordsDisabled(Disabled):
    """``password.enabled`` is off."""

    message = "passwords are disabled"


class PasswordTooShort(Invalid):
    """Fewer than ``password.min_length`` characters."""

    message = "the password is too short"
    about = "password"

    def __init__(self, *, min_length: int) -> None:
        super().__init__()
        self.min_length = min_length  # characters


class PasswordTooLong(Invalid):
    """More bytes than bcrypt reads."""

    message = "the password is too long"
    about = "password"

    def __init__(self, *, max_length: int) -> None:
        super().__init__()
        self.max_length = max_length  # bytes in UTF-8


class PasswordInvalid(Invalid):
    """It holds a character that no password can hold: NUL, or half of a surrogate pair."""

    message = "the password holds a character that is not allowed"
    about = "password"


class PasswordMismatch(Unauthenticated):
    """Not the user's password, or the user has none, or there is no such user."""

    message = "wrong password"
