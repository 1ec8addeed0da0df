"""What a server can cause at the backend door, beside `hanko_compat.errors`; each has a status at each door.

HankoCompatError
├── UserBlocked                  the user is pending or disabled, and so can have no session
├── ApiCredentialsInvalid        no secret of the project, or those of another one
├── ProjectMismatch              a header names another project than the credentials
├── IdentifierNotFound           no such identifier, or another user's
├── IdentifierAlreadyTaken       somebody has an identifier of this type and value
├── PhoneNumberInvalid           no telephone number in the form of E.164
├── UsernameInvalid              too long, or with a character that no username holds
├── WebauthnIdAlreadyTaken       a user has this WebAuthn user handle
├── SessionNotFound              no such session; one that was ended leaves nothing
├── ConnectTokenNotFound         no such connect token
├── WebhookEndpointNotFound      no such webhook endpoint
├── PasskeyChallengeNotFound     no such challenge of a passkey, or another user's
├── PasskeyChallengeFinished     a status of a challenge that it has left behind, or can have once
├── PasskeyEventNotFound         no such note of passkeys, or another user's
├── PasskeyDataRefused           signed data that proves no log-in; carries ``reason``
├── ChallengeNotFound            no such challenge, or another user's
├── ChallengeTypeUnavailable     nothing is configured that could deliver such a challenge
├── ChallengeRecipientUnknown    the user has no such address or phone number
├── ChallengeExpired             too old, or tried too often
├── ChallengeCompleted           somebody has given the right value already
├── ChallengeMismatch            a wrong value
├── CodeLengthWrong              a code has six characters
├── LinkTokenLengthWrong         the secret in a link has 64 characters
└── SocialAccountAlreadyTaken    somebody has this account at the provider
OperatorError
└── SessionTokenUnsigned         the signing key is none that Corbado's SDKs take
PostFailed                       a request to somebody else's server brought no answer
"""

from hanko_compat.errors import HankoCompatError, OperatorError


class UserBlocked(HankoCompatError):
    """The user is pending or disabled, and so can have no session."""

    message = "the user is not active"


class ApiCredentialsInvalid(HankoCompatError):
    """No secret of the project, or those of another one."""

    message = "no valid API secret"


class ProjectMismatch(HankoCompatError):
    """A header names another project than the credentials."""

    message = "the projects differ"


class IdentifierNotFound(HankoCompatError):
    """No such identifier, or another user's."""

    message = "no such identifier of this user"


class IdentifierAlreadyTaken(HankoCompatError):
    """Somebody has an identifier of this type and value."""

    message = "the identifier is taken"


class PhoneNumberInvalid(HankoCompatError):
    """No telephone number in the form of E.164."""

    message = "no valid telephone number"


class UsernameInvalid(HankoCompatError):
    """Too long, or with a character that no username holds."""

    message = "no valid username"


class WebauthnIdAlreadyTaken(HankoCompatError):
    """A user has this WebAuthn user handle."""

    message = "the WebAuthn user handle is taken"


class SessionNotFound(HankoCompatError):
    """No such session; one that was ended leaves nothing."""

    message = "no such session"


class ConnectTokenNotFound(HankoCompatError):
    """No such connect token."""

    message = "no such connect token"


class WebhookEndpointNotFound(HankoCompatError):
    """No such webhook endpoint."""

    message = "no such webhook endpoint"


class ChallengeNotFound(HankoCompatError):
    """No such challenge, or another user's."""

    message = "no such challenge of this user"


class ChallengeTypeUnavailable(HankoCompatError):
    """Nothing is configured that could deliver such a challenge."""

    message = "challenges of this type can't be sent"


class ChallengeRecipientUnknown(HankoCompatError):
    """The user has no such address or phone number."""

    message = "no such address or number of this user"


class ChallengeExpired(HankoCompatError):
    """Too old, or tried too often."""

    message = "the challenge has expired"


class ChallengeCompleted(HankoCompatError):
    """Somebody has given the right value already."""

    message = "the challenge is completed already"


class ChallengeMismatch(HankoCompatError):
    """A wrong value."""

    message = "the value is wrong"


class CodeLengthWrong(HankoCompatError):
    """A code has six characters."""

    message = "no code has this length"


class LinkTokenLengthWrong(HankoCompatError):
    """The secret in a link has 64 characters."""

    message = "no link's value has this length"


class SocialAccountAlreadyTaken(HankoCompatError):
    """Somebody has this account at the provider."""

    message = "the account is taken"


class PasskeyChallengeNotFound(HankoCompatError):
    """No such challenge of a passkey, or another user's."""

    message = "no such challenge of this user's passkeys"


class PasskeyChallengeFinished(HankoCompatError):
    """A status of a challenge that it has left behind, or one that it can be set to only once."""

    message = "the challenge was answered or used"


class PasskeyEventNotFound(HankoCompatError):
    """No such note of passkeys, or another user's."""

    message = "no such note of this user's passkeys"


class PasskeyDataRefused(HankoCompatError):
    """Signed data that proves no log-in; ``reason`` is a result of its verification."""

    message = "the signed data of a passkey was refused"

    def __init__(self, *, reason: str) -> None:
        super().__init__()
        self.reason = reason


class SessionTokenUnsigned(OperatorError):
    """The signing key is none that Corbado's SDKs take."""


class PostFailed(Exception):
    """A request to somebody else's server brought no answer; ``reason`` holds nothing of the request."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
