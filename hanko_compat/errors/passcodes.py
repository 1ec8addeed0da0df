"""Passcodes."""

from hanko_compat.errors import Disabled, Expired, Invalid, NotFound, Unauthenticated


class PasscodesDisabled(Disabled):
    """``email.enabled`` or ``email.use_for_authentication`` is off."""

    message = "passcodes are disabled"


class PasscodeNotFound(NotFound):
    """No such passcode, or it was used or tried too often."""

    message = "passcode not found"
    about = "passcode_id"


class PasscodeExpired(Expired):
    """The passcode is older than its time to live."""

    message = "passcode request timed out"
    about = "code"


class PasscodeMismatch(Unauthenticated):
    """A wrong code; tries remain."""

    message = "the passcode is wrong"


class TriesExhausted(Expired):
    """The last try was wrong, or all tries are under way."""

    message = "max attempts reached"
    about = "code"


class RecipientUnknown(NotFound):
    """A passcode is asked for a user that does not exist."""

    message = "nobody to send the passcode to"
    about = "user_id"


class EmailIdInvalid(Invalid):
    """What names an address is no UUID."""

    message = "the id of the e-mail address is no UUID"
    about = "email_id"


class PasscodeRecipientMissing(Invalid):
    """Neither the request nor the user says where the passcode goes."""

    message = "no address to send the passcode to"
    about = "email_id"


class EmailNotAvailable(NotFound):
    """No address has this id."""

    message = "the e-mail address is not available"
    about = "email_id"
