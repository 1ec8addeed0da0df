"""Users: sign-up, look-up, deletion."""

from hanko_compat.errors import Denied, Disabled, NotFound, Taken


class SignUpDisabled(Denied):
    """``account.allow_signup`` is off."""

    message = "sign-up is disabled"


class DeletionDisabled(Disabled):
    """``account.allow_deletion`` is off."""

    message = "users can't delete themselves"


class UserNotFound(NotFound):
    """No such user, or an address that is not verified."""

    message = "user not found"
    about = "user_id"


class AccountUnknown(NotFound):
    """A body names a user that does not exist."""

    message = "there is no such user"
    about = "user_id"


class ForeignAccount(Denied):
    """A session may see and change its own user only."""

    message = "the account is somebody else's"


class UserBlocked(Denied):
    """The user is pending or disabled, and so can have no session."""

    message = "the user is not active"
    about = "user_id"


class WebauthnIdAlreadyTaken(Taken):
    """A user has this WebAuthn user handle."""

    message = "the WebAuthn user handle is taken"
    about = "explicit_webauthn_id"
