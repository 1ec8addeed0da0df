"""Every failure that a caller or an operator can cause. No HTTP, no Flask: each door has a table of statuses.

HankoCompatError                 what a caller can cause; every leaf has a status at each door
├── AddressInvalid               no e-mail address, or one that cannot be told apart from another
├── AddressTooLong               more than ``email.max_length`` characters; carries ``max_length``
├── SignUpDisabled               ``account.allow_signup`` is off
├── DeletionDisabled             ``account.allow_deletion`` is off
├── EmailAlreadyTaken            the address belongs to a user
├── UserNotFound                 no such user, or an address that nobody verified
├── SessionInvalid               no token, or one that is forged, expired, idle for too long or revoked
├── ForeignAccount               a session may see and change its own user only
├── SecondFactorRequired         the user has a second factor, and one alone is not enough
├── PasskeysDisabled             ``passkey.enabled`` is off
├── PasskeyUserUnknown           a log-in with a passkey is asked for a user that does not exist
├── PasskeyLimitReached          the user has ``passkey.limit`` passkeys
├── CredentialMalformed          what should be an authenticator's answer can't be read
├── RegistrationChallengeUnknown no such challenge, or it was used, or it is somebody else's
├── LoginChallengeUnknown        no such challenge, or it was used
├── AttestationInvalid           an authenticator's answer to a registration proves nothing
├── AssertionInvalid             an authenticator's answer to a log-in proves nothing
├── UserVerificationMissing      the authenticator did not verify its user, as it was asked to
├── CredentialNotFound           no such credential, or somebody else's
└── DatabaseUnavailable          the database does not answer; carries ``retry_after``
OperatorError                    what an operator has to mend before a start; the text names the remedy
├── SchemaBehind                 migrations are missing
├── SchemaUnsupported            a database that this server can't share
├── SigningKeyUnreadable         no configured secret decrypts a signing key, or what it decrypts is no key
├── SigningKeyMissing            no signing key, where Hanko makes them
├── ClaimTemplateInvalid         a template in ``session.jwt_template.claims`` that can't be read or rendered
└── KeyRotationRefused           the schema belongs to Hanko, which counts its keys
"""


class HankoCompatError(Exception):
    """What a caller can cause. ``message`` is constant; a cause goes to the log only."""

    message = "the request failed"

    def __init__(self) -> None:
        super().__init__(self.message)


class AddressInvalid(HankoCompatError):
    """No e-mail address, or one that cannot be told apart from another."""

    message = "no valid e-mail address"


class AddressTooLong(HankoCompatError):
    """More than ``email.max_length`` characters."""

    message = "the e-mail address is too long"

    def __init__(self, *, max_length: int) -> None:
        super().__init__()
        self.max_length = max_length  # characters


class SignUpDisabled(HankoCompatError):
    """``account.allow_signup`` is off."""

    message = "sign-up is disabled"


class DeletionDisabled(HankoCompatError):
    """``account.allow_deletion`` is off."""

    message = "users can't delete themselves"


class EmailAlreadyTaken(HankoCompatError):
    """The address belongs to a user."""

    message = "the e-mail address is taken"


class UserNotFound(HankoCompatError):
    """No such user, or an address that nobody verified."""

    message = "user not found"


class SessionInvalid(HankoCompatError):
    """No token, or one that is forged, expired, idle for too long or revoked."""

    message = "no valid session"


class ForeignAccount(HankoCompatError):
    """A session may see and change its own user only."""

    message = "the account is somebody else's"


class SecondFactorRequired(HankoCompatError):
    """The user has a second factor, and one alone is not enough."""

    message = "a second factor is required"


class PasskeysDisabled(HankoCompatError):
    """``passkey.enabled`` is off."""

    message = "passkeys are disabled"


class PasskeyUserUnknown(HankoCompatError):
    """A log-in with a passkey is asked for a user that does not exist."""

    message = "there is no such user to log in"


class PasskeyLimitReached(HankoCompatError):
    """The user has ``passkey.limit`` passkeys."""

    message = "the user has as many passkeys as are allowed"


class CredentialMalformed(HankoCompatError):
    """What should be an authenticator's answer can't be read."""

    message = "the credential is malformed"


class RegistrationChallengeUnknown(HankoCompatError):
    """No such challenge of a registration, or it was used, or it is somebody else's."""

    message = "no such challenge of a registration"


class LoginChallengeUnknown(HankoCompatError):
    """No such challenge of a log-in, or it was used."""

    message = "no such challenge of a log-in"


class AttestationInvalid(HankoCompatError):
    """An authenticator's answer to a registration proves nothing."""

    message = "failed to validate attestation"


class AssertionInvalid(HankoCompatError):
    """An authenticator's answer to a log-in proves nothing."""

    message = "failed to validate assertion"


class UserVerificationMissing(HankoCompatError):
    """The authenticator did not verify its user, as it was asked to."""

    message = "user verification is required"


class CredentialNotFound(HankoCompatError):
    """No such credential, or somebody else's."""

    message = "no such credential of this user"


class DatabaseUnavailable(HankoCompatError):
    """The database does not answer."""

    message = "the database is unavailable"

    def __init__(self, *, retry_after: int = 1) -> None:
        super().__init__()
        self.retry_after = retry_after  # seconds


class OperatorError(Exception):
    """What an operator has to mend; the text says what is wrong and what to change."""


class SchemaBehind(OperatorError):
    """Migrations are missing."""


class SchemaUnsupported(OperatorError):
    """A database that this server can't share."""


class SigningKeyUnreadable(OperatorError):
    """No configured secret decrypts a signing key, or what it decrypts is no key."""


class SigningKeyMissing(OperatorError):
    """There is no signing key, and the schema belongs to Hanko, which makes them."""


class ClaimTemplateInvalid(OperatorError):
    """A template in ``session.jwt_template.claims`` that can't be read or rendered."""


class KeyRotationRefused(OperatorError):
    """The schema belongs to Hanko, which counts its keys by its secrets."""
