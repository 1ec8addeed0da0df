"""Log-in with other providers: OAuth 2, OpenID Connect, SAML. Browsers are told of these by a redirect."""

from uuid import UUID

from hanko_compat.errors import Conflict, Denied, Disabled, Expired, Invalid, NotFound


class LoginRequestInvalid(Invalid):
    """Parameters with which nobody can be sent to a provider. ``problems`` says for each what is wrong."""

    message = "the log-in can't be started"
    about = "request"

    def __init__(self, *problems: str) -> None:
        super().__init__()
        self.problems = problems


class ProviderUnknown(NotFound):
    """No provider of this name is configured."""

    message = "unknown provider"
    about = "provider"

    def __init__(self, provider: str) -> None:
        super().__init__()
        self.provider = provider


class ProviderDisabled(Disabled):
    """The provider is configured, or built in, and not enabled."""

    message = "the provider is disabled"

    def __init__(self, provider: str) -> None:
        super().__init__()
        self.provider = provider


class RedirectNotAllowed(Denied):
    """What a caller wants to be redirected to is not among the allowed URLs."""

    message = "redirect not allowed"

    def __init__(self, redirect_to: str) -> None:
        super().__init__()
        self.redirect_to = redirect_to


class StateInvalid(Invalid):
    """The state is of another browser, another provider, or another kind of log-in."""

    message = "could not verify state"
    about = "state"


class StateMissing(Invalid):
    """The provider has sent none back."""

    message = "State is a required field"
    about = "state"


class StateMalformed(Invalid):
    """No configured secret decrypts it, or it holds something else."""

    message = "could not decode state: could not decrypt state: malformed ciphertext"
    about = "state"


class ExpectedStateMissing(Invalid):
    """The browser has no cookie with the state of a log-in that it has begun."""

    message = "expected state must not be empty"
    about = "expected_state"


class ExpectedStateMalformed(Invalid):
    """No configured secret decrypts the cookie, or it holds something else."""

    message = "could not decode expectedState: could not decrypt state: malformed ciphertext"
    about = "expected_state"


class StateExpired(Expired):
    """The log-in has taken too long."""

    message = "state is expired"
    about = "state"


class StateUsed(Expired):
    """The state was used before."""

    message = "state was used before"
    about = "state"


class CodeMissing(Invalid):
    """The provider has sent neither a code nor an error."""

    message = "auth code missing from request"
    about = "code"


class ProviderRefused(Denied):
    """The provider has sent the browser back with an error (RFC 6749 s. 4.1.2.1)."""

    message = "the provider has refused the log-in"

    def __init__(self, code: str, description: str = "") -> None:
        super().__init__()
        self.code = code
        self.description = description


class ProviderUnavailable(Invalid):
    """The provider's metadata can't be had, or used. ``reason`` is for the log, and holds no secret."""

    message = "the provider is not available"
    about = "provider"

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason


class CodeExchangeFailed(Invalid):
    """The provider gives no access token for the code. ``reason`` is for the log, and holds no secret."""

    message = "could not exchange authorization code for access token"
    about = "code"

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason


class ProviderUserUnavailable(Invalid):
    """The provider does not tell who has logged in. ``reason`` is for the log, and holds no secret."""

    message = "could not retrieve user data from provider"
    about = "provider"

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason


class ProviderUserInvalid(Invalid):
    """What the provider tells can't be stored: no subject, one too long, an address that is none."""

    message = "the user data of the provider can't be used"
    about = "provider"

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason


class EmailUnverified(Denied):
    """The provider does not say that it has verified the address."""

    message = "third party provider email must be verified"


class MultipleAccounts(Conflict):
    """The address that a known account at a provider has got belongs to another user."""

    message = "the address is used by multiple accounts"
    about = "email"

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address


class LinkingNotAllowed(Conflict):
    """The address belongs to a user, and accounts of this provider are not linked to existing users."""

    message = "third party account linking for existing user with same email disallowed"
    about = "email"


class EntryOutdated(Exception):
    """Somebody else has changed what an attempt has read; the next attempt reads it anew. It stays inside."""


class AddressOnlyClaimed(Exception):
    """An address has to be taken from who only claims it, before the next attempt. It stays inside."""

    def __init__(self, email_id: UUID, user_id: UUID) -> None:
        super().__init__()
        self.email_id = email_id
        self.user_id = user_id
