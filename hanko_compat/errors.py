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
├── AccountUnknown               a body names a user that does not exist
├── EmailLimitReached            the user has ``email.limit`` addresses
├── EmailAlreadyAssigned         the address belongs to a user, perhaps to the one who adds it
├── EmailNotFound                no such address, or somebody else's
├── EmailIsPrimary               the primary address can't be deleted
├── PasswordsDisabled            ``password.enabled`` is off
├── PasswordTooShort             fewer than ``password.min_length`` characters; carries ``min_length``
├── PasswordTooLong              more bytes than bcrypt reads; carries ``max_length``
├── PasswordInvalid              holds a character that no password can hold
├── PasswordMismatch             not the user's password, or the user has none, or there is no such user
├── AuthenticationTooOld         the log-in is too long ago for what is asked
├── PasscodeNotFound             no such passcode, or it was used or tried too often
├── PasscodeExpired              older than its time to live
├── PasscodeMismatch             a wrong code; tries remain
├── TriesExhausted               the last try was wrong, or all tries are under way
├── RecipientUnknown             a passcode is asked for a user that does not exist
├── EmailIdInvalid               what names an address is no UUID
├── PasscodeRecipientMissing     neither the request nor the user says where the passcode goes
├── EmailNotAvailable            no address has this id
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
├── Overloaded                   too many hashes wait to be computed; also TryLater
├── RateLimited                  too often in too short a time; also TryLater
└── DatabaseUnavailable          the database does not answer; also TryLater
TryLater                         the same request may succeed in a while; carries ``retry_after``
OperatorError                    what an operator has to mend before a start; the text names the remedy
├── SchemaBehind                 migrations are missing, or rows of an unfinished copy
├── SchemaUnsupported            a database that this server can't share
├── RightsMissing                the database's account may not do what serving takes
├── SigningKeyUnreadable         no configured secret decrypts a signing key, or what it decrypts is no key
├── SigningKeyMissing            no signing key, where Hanko makes them
├── ClaimTemplateInvalid         a template in ``session.jwt_template.claims`` that can't be read or rendered
├── MailTemplateInvalid          a template in ``hanko_compat.mail.templates`` that can't be used
├── CopyRefused                  a copy between databases that can't be begun, gone on with or finished
└── KeyRotationRefused           the schema belongs to Hanko, which counts its keys
MailFailed                       a mail was not delivered; nobody waits for it, so no caller learns of it
├── MailRefused                  it never will be
└── MailDelayed                  it may be later
JSONRefused                      a body that is no JSON object, or an ambiguous one; the text says which
TransactionRefused               the database did not run a transaction to its end; storage runs it again
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


class AccountUnknown(HankoCompatError):
    """A body names a user that does not exist."""

    message = "there is no such user"


class EmailLimitReached(HankoCompatError):
    """The user has ``email.limit`` addresses."""

    message = "the user has as many addresses as are allowed"


class EmailAlreadyAssigned(HankoCompatError):
    """The address belongs to a user, perhaps to the one who adds it."""

    message = "the e-mail address belongs to a user"


class EmailNotFound(HankoCompatError):
    """No such address, or somebody else's."""

    message = "no such address of this user"


class EmailIsPrimary(HankoCompatError):
    """The primary address can't be deleted."""

    message = "the primary address stays"


class PasswordsDisabled(HankoCompatError):
    """``password.enabled`` is off."""

    message = "passwords are disabled"


class PasswordTooShort(HankoCompatError):
    """Fewer than ``password.min_length`` characters."""

    message = "the password is too short"

    def __init__(self, *, min_length: int) -> None:
        super().__init__()
        self.min_length = min_length  # characters


class PasswordTooLong(HankoCompatError):
    """More bytes than bcrypt reads."""

    message = "the password is too long"

    def __init__(self, *, max_length: int) -> None:
        super().__init__()
        self.max_length = max_length  # bytes in UTF-8


class PasswordInvalid(HankoCompatError):
    """It holds a character that no password can hold: NUL, or half of a surrogate pair."""

    message = "the password holds a character that is not allowed"


class PasswordMismatch(HankoCompatError):
    """Not the user's password, or the user has none, or there is no such user."""

    message = "wrong password"


class AuthenticationTooOld(HankoCompatError):
    """The log-in is too long ago for what is asked."""

    message = "log in again first"


class PasscodeNotFound(HankoCompatError):
    """No such passcode, or it was used or tried too often."""

    message = "passcode not found"


class PasscodeExpired(HankoCompatError):
    """The passcode is older than its time to live."""

    message = "passcode request timed out"


class PasscodeMismatch(HankoCompatError):
    """A wrong code; tries remain."""

    message = "the passcode is wrong"


class TriesExhausted(HankoCompatError):
    """The last try was wrong, or all tries are under way."""

    message = "max attempts reached"


class RecipientUnknown(HankoCompatError):
    """A passcode is asked for a user that does not exist."""

    message = "nobody to send the passcode to"


class EmailIdInvalid(HankoCompatError):
    """What names an address is no UUID."""

    message = "the id of the e-mail address is no UUID"


class PasscodeRecipientMissing(HankoCompatError):
    """Neither the request nor the user says where the passcode goes."""

    message = "no address to send the passcode to"


class EmailNotAvailable(HankoCompatError):
    """No address has this id."""

    message = "the e-mail address is not available"


class SecondFactorRequired(HankoCompatError):
    """The user has a second factor, and one alone is not enough."""

    message = "a second factor is required"


class TryLater(Exception):
    """The same request may succeed in a while."""

    def __init__(self, *, retry_after: int = 1) -> None:
        super().__init__()
        self.retry_after = retry_after  # seconds


class Overloaded(TryLater, HankoCompatError):
    """Too many hashes wait to be computed."""

    message = "too many log-ins at once"


class RateLimited(TryLater, HankoCompatError):
    """Too often in too short a time."""

    message = "rate limit exceeded"


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


class DatabaseUnavailable(TryLater, HankoCompatError):
    """The database does not answer."""

    message = "the database is unavailable"


class OperatorError(Exception):
    """What an operator has to mend; the text says what is wrong and what to change."""


class SchemaBehind(OperatorError):
    """Migrations are missing, or rows of an unfinished copy."""


class SchemaUnsupported(OperatorError):
    """A database that this server can't share."""


class RightsMissing(OperatorError):
    """The database's account may not do what serving takes."""


class SigningKeyUnreadable(OperatorError):
    """No configured secret decrypts a signing key, or what it decrypts is no key."""


class SigningKeyMissing(OperatorError):
    """There is no signing key, and the schema belongs to Hanko, which makes them."""


class ClaimTemplateInvalid(OperatorError):
    """A template in ``session.jwt_template.claims`` that can't be read or rendered."""


class KeyRotationRefused(OperatorError):
    """The schema belongs to Hanko, which counts its keys by its secrets."""


class CopyRefused(OperatorError):
    """A copy between databases that can't be begun, gone on with or finished."""


class MailTemplateInvalid(OperatorError):
    """A template in ``hanko_compat.mail.templates`` that can't be used."""


class MailFailed(Exception):
    """A mail was not delivered; ``reason`` says why without an address or a word of the mail."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MailRefused(MailFailed):
    """It will never be delivered: the server refuses the recipient or the mail for good."""


class MailDelayed(MailFailed):
    """It was not delivered now: no connection, no answer, or an answer that is not final."""


class JSONRefused(ValueError):
    """A text that is no JSON object, or one that we don't take; the message tells the caller which."""


class TransactionRefused(Exception):
    """The database did not run a transaction to its end; nothing of it is stored."""
