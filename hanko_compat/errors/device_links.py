"""Links that give a browser the device cookie of an account."""

from hanko_compat.errors import Expired, Invalid


class DeviceLinkInvalid(Invalid):
    """Cut short, changed, or made up."""

    message = "the link is not valid"
    about = "token"


class DeviceLinkExpired(Expired):
    """Too old, used before, or the account has changed since."""

    message = "the link has expired or was used before"
    about = "token"
