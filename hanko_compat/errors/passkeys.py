"""Passkeys: ceremonies, credentials, and what servers keep of them."""

from enum import StrEnum

from hanko_compat.errors import Conflict, Disabled, Invalid, NotFound, Unauthenticated


class PasskeysDisabled(Disabled):
    """``passkey.enabled`` is off."""

    message = "passkeys are disabled"


class PasskeyUserUnknown(NotFound):
    """A log-in with a passkey is asked for a user that does not exist."""

    message = "there is no such user to log in"
    about = "user_id"


class PasskeyUserIdMalformed(Invalid):
    """A log-in with a passkey is asked for a user whose id is no UUID."""

    message = "failed to parse UserID as uuid"
    about = "user_id"


class PasskeyLimitReached(Conflict):
    """The user has ``passkey.limit`` passkeys."""

    message = "the user has as many passkeys as are allowed"
    about = "user_id"


class CredentialMalformed(Invalid):
    """What should be an authenticator's answer can't be read."""

    message = "the credential is malformed"
    about = "assertion_response"


class RegistrationChallengeUnknown(NotFound):
    """No such challenge of a registration, or it was used, or it is somebody else's."""

    message = "no such challenge of a registration"
    about = "attestation_response"


class LoginChallengeUnknown(NotFound):
    """No such challenge of a log-in, or it was used."""

    message = "no such challenge of a log-in"
    about = "assertion_response"


class AttestationInvalid(Invalid):
    """An authenticator's answer to a registration proves nothing."""

    message = "failed to validate attestation"
    about = "attestation_response"


class AssertionInvalid(Unauthenticated):
    """An authenticator's answer to a log-in proves nothing."""

    message = "failed to validate assertion"
    about = "assertion_response"


class SignCountNotGrown(Invalid):
    """The sign count of a log-in is none beyond the stored one: the passkey may be a copy."""

    message = "the sign count has not grown"
    about = "assertion_response"


class UserHandleMalformed(Invalid):
    """A user handle that is no user's id, where it has to say who logs in."""

    message = "failed to parse userHandle as uuid"
    about = "assertion_response"


class UserHandleUnknown(Unauthenticated):
    """A user handle that is the id of no user."""

    message = "there is no user of this handle"
    about = "assertion_response"


class UserVerificationMissing(Unauthenticated):
    """The authenticator did not verify its user, as it was asked to."""

    message = "user verification is required"
    about = "assertion_response"


class CredentialNotFound(NotFound):
    """No such credential, or somebody else's."""

    message = "no such credential of this user"
    about = "credential_id"


class PasskeyChallengeNotFound(NotFound):
    """No such challenge of a passkey, or another user's."""

    message = "no such challenge of this user's passkeys"
    about = "passkey_challenge_id"


class PasskeyChallengeFinished(Conflict):
    """A status of a challenge that it has left behind, or one that it can be set to only once."""

    message = "the challenge was answered or used"
    about = "status"


class PasskeyEventNotFound(NotFound):
    """No such note of passkeys, or another user's."""

    message = "no such note of this user's passkeys"
    about = "passkey_event_id"


class PasskeyDataResult(StrEnum):
    """What came of the verification of signed data."""

    SUCCESS = "success"
    INVALID_SIGNATURE = "invalid_signature"
    INVALID_CHALLENGE = "invalid_challenge"
    USER_MISMATCH = "user_mismatch"
    GENERIC_ERROR = "generic_error"


class PasskeyDataRefused(Invalid):
    """Signed data that proves no log-in; ``reason`` says why."""

    message = "the signed data of a passkey was refused"
    about = "signed_passkey_data"

    def __init__(self, *, reason: PasskeyDataResult) -> None:
        super().__init__()
        self.reason = reason
