"""Login identifiers."""

from hanko_compat.errors import Invalid, NotFound, Taken


class IdentifierNotFound(NotFound):
    """No such identifier, or another user's."""

    message = "no such identifier of this user"
    about = "identifier_id"


class IdentifierAlreadyTaken(Taken):
    """Somebody has an identifier of this type and value."""

    message = "the identifier is taken"
    about = "identifier_value"


class PhoneNumberInvalid(Invalid):
    """No telephone number in the form of E.164."""

    message = "no valid telephone number"
    about = "identifier_value"


class UsernameInvalid(Invalid):
    """Too long, or with a character that no username holds."""

    message = "no valid username"
    about = "identifier_value"
