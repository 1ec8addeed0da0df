"""One-time challenges of the backend door."""

from hanko_compat.errors import Conflict, Expired, Invalid, NotFound, Unauthenticated


class ChallengeNotFound(NotFound):
    """No such challenge, or another user's."""

    message = "no such challenge of this user"
    about = "challenge_id"


class ChallengeTypeUnavailable(Invalid):
    """Nothing is configured that could deliver such a challenge."""

    message = "challenges of this type can't be sent"
    about = "challenge_type"


class ChallengeRecipientUnknown(NotFound):
    """The user has no such address or phone number."""

    message = "no such address or number of this user"
    about = "identifier_value"


class ChallengeExpired(Expired):
    """Too old, or tried too often."""

    message = "the challenge has expired"
    about = "challenge_id"


class ChallengeCompleted(Conflict):
    """Somebody has given the right value already."""

    message = "the challenge is completed already"
    about = "challenge_id"


class ChallengeMismatch(Unauthenticated):
    """A wrong value."""

    message = "the value is wrong"
    about = "value"


class CodeLengthWrong(Invalid):
    """A code has six characters."""

    message = "no code has this length"
    about = "value"


class LinkTokenLengthWrong(Invalid):
    """The secret in a link has 64 characters."""

    message = "no link's value has this length"
    about = "value"
