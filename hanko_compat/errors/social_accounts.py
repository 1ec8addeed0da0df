"""Accounts at other providers."""

from hanko_compat.errors import Taken


class SocialAccountAlreadyTaken(Taken):
    """Somebody has this account at the provider."""

    message = "the account is taken"
    about = "foreign_id"
