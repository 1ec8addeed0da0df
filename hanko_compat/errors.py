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
└── DatabaseUnavailable          the database does not answer; carries ``retry_after``
OperatorError                    what an operator has to mend before a start; the text names the remedy
├── SchemaBehind                 migrations are missing
├── SchemaUnsupported            a database that this server can't share
├── SigningKeyUnreadable         no configured secret decrypts a signing key, or what it decrypts is no key
├── SigningKeyMissing            no signing key, where Hanko makes them
├── ClaimTemplateInvalid         a template in ``session.jwt_template.claims`` that can't be read or rendered
└── KeyRotationRefused           the schema belongs to Hanko, which counts its keys
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


class JSONRefused(ValueError):
    """A text that is no JSON object, or one that we don't take; the message tells the caller which."""


class TransactionRefused(Exception):
    """The database did not run a transaction to its end; nothing of it is stored."""
