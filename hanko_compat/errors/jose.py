"""Signed tokens of any kind."""

from hanko_compat.errors import Invalid, Unauthenticated


class TokenMalformed(Invalid):
    """No token of the kind that is looked for, whoever signed it."""

    message = "the token is malformed"
    about = "token"


class TokenForged(Unauthenticated):
    """A token that none of our keys signed."""

    message = "the token is not signed by a known key"
    about = "token"
