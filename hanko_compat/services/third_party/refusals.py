"""What a browser, the audit log and our own log are told of a log-in with a provider that failed."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hanko_compat.client import Client
from hanko_compat.errors import HankoCompatError
from hanko_compat.errors.emails import EmailLimitReached
from hanko_compat.errors.third_party import (
    CodeExchangeFailed,
    CodeMissing,
    EmailUnverified,
    ExpectedStateMalformed,
    ExpectedStateMissing,
    LinkingNotAllowed,
    LoginRequestInvalid,
    MultipleAccounts,
    ProviderDisabled,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUnknown,
    ProviderUserUnavailable,
    RedirectNotAllowed,
    StateExpired,
    StateInvalid,
    StateMalformed,
    StateMissing,
    StateUsed,
)
from hanko_compat.errors.users import SignUpDisabled
from hanko_compat.services.events import Event, Events, EventType
from hanko_compat.storage.engine.database import Database, DatabaseError

logger = logging.getLogger(__name__)

INVALID_REQUEST = "invalid_request"
SERVER_ERROR = "server_error"
INTERNAL_ERROR = "an internal error has occurred"
LONGEST = 500  # characters of a description: it becomes a part of a header

# As Hanko 2.7.0 has them; what is not here is a `SERVER_ERROR`.
CODES: dict[type[HankoCompatError], str] = {
    CodeExchangeFailed: INVALID_REQUEST,
    CodeMissing: INVALID_REQUEST,
    EmailLimitReached: "email_maxnum",
    EmailUnverified: "unverified_email",
    ExpectedStateMalformed: INVALID_REQUEST,
    ExpectedStateMissing: INVALID_REQUEST,
    LinkingNotAllowed: "user_conflict",
    LoginRequestInvalid: INVALID_REQUEST,
    MultipleAccounts: "multiple_accounts",
    ProviderDisabled: INVALID_REQUEST,
    ProviderUnavailable: INVALID_REQUEST,
    ProviderUnknown: INVALID_REQUEST,
    ProviderUserUnavailable: INVALID_REQUEST,
    RedirectNotAllowed: INVALID_REQUEST,
    SignUpDisabled: "signup_disabled",
    StateExpired: INVALID_REQUEST,
    StateInvalid: INVALID_REQUEST,
    StateMalformed: INVALID_REQUEST,
    StateMissing: INVALID_REQUEST,
    StateUsed: INVALID_REQUEST,
}
DESCRIPTIONS: dict[type[HankoCompatError], Callable[[Any], str]] = {
    EmailLimitReached: lambda _: "max number of email addresses reached",
    LoginRequestInvalid: lambda error: f"code=400, message={' and '.join(error.problems)}",
    MultipleAccounts: lambda error: _multiple(error.address),
    ProviderDisabled: lambda error: _disabled(error.provider),
    ProviderUnknown: lambda error: f"unknown provider: {error.provider}",
    RedirectNotAllowed: lambda error: f"redirect to '{error.redirect_to}' not allowed",
    SignUpDisabled: lambda _: "account signup is disabled",
}
# As Hanko 2.7.0: each of its providers says it in its own words.
DISABLED = {
    "apple": "apple provider requested but disabled",
    "discord": "discord provider is disabled",
    "facebook": "facebook provider is disabled",
    "github": "github provider requested but disabled",
    "google": "google provider is disabled",
    "linkedin": "linkedIn provider is disabled",
    "microsoft": "microsoft provider is disabled",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as in RFC 6749 s. 4.1.2.1: what browsers are told, and a ``cause`` that they are not."""

    code: str
    description: str = ""
    cause: str = ""

    def parameters(self) -> dict[str, str]:
        """The parameters of the URL that tells a browser."""
        description = {"error_description": self.description} if self.description else {}
        return {"error": self.code, **description}


def refusal_of(error: HankoCompatError) -> Refusal:
    """What *error* looks like from outside; a `SERVER_ERROR` where the original has no words for it."""
    if isinstance(error, ProviderRefused):
        return _refusal_of_provider(error)
    code = CODES.get(type(error), SERVER_ERROR)
    reason = str(getattr(error, "reason", ""))
    if code == SERVER_ERROR:
        return Refusal(
            SERVER_ERROR, INTERNAL_ERROR, f"{error.message}: {reason}" if reason else error.message
        )
    describe = DESCRIPTIONS.get(type(error), lambda _: error.message)
    return Refusal(code, describe(error)[:LONGEST], reason)


def report(
    refusal: Refusal, events: Events, database: Database, *, client: Client, provider: str = ""
) -> None:
    """Tell the audit log of a *refusal*; of one that is no fault of the caller's, our own log.

    *provider* is the id of the one it is about, or the domain of one of SAML; "" where none is known.

    As Hanko 2.7.0: there is no event for what our own log gets. An event is cut to its column where it is
    stored, and no answer depends on it.
    """
    if refusal.code == SERVER_ERROR:
        named = {"provider": provider} if provider else {}
        logger.warning("third_party_login_failed", extra={**named, "cause": refusal.cause})
        return
    text = ": ".join(filter(None, ("thirdparty", refusal.code, refusal.description, refusal.cause)))
    failed = Event(type=EventType.THIRDPARTY_SIGNIN_SIGNUP_FAILED, client=client, error=text)
    try:
        events.report(failed, database)
    except (HankoCompatError, DatabaseError):
        logger.warning("audit_event_lost", extra={"type": failed.type}, exc_info=True)


def _refusal_of_provider(error: ProviderRefused) -> Refusal:
    if error.code == SERVER_ERROR:
        return Refusal(SERVER_ERROR, INTERNAL_ERROR, f"the provider says {error.description[:LONGEST]!r}")
    return Refusal(error.code[:LONGEST], error.description[:LONGEST])


def _multiple(address: str) -> str:
    return f"cannot identify associated user: '{address}' is used by multiple accounts"


def _disabled(provider: str) -> str:
    return DISABLED.get(provider, f"provider {provider} is disabled")
