"""What a browser is told of a log-in by SAML that failed, and where it goes with that."""

from hanko_compat.client import Client
from hanko_compat.errors import HankoCompatError
from hanko_compat.errors.saml import (
    SamlIssuerMissing,
    SamlResponseIdMissing,
    SamlResponseNodeMissing,
    SamlResponseRefused,
    SamlResponseUnreadable,
)
from hanko_compat.errors.saml_log_in import (
    EmailDomainForeign,
    SamlResponseUsed,
    SamlUnsolicited,
)
from hanko_compat.errors.third_party import EmailUnverified, ProviderUnknown, RedirectNotAllowed
from hanko_compat.services.events import Events
from hanko_compat.services.redirects import AllowedRedirects, with_query
from hanko_compat.services.third_party.refusals import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
    SERVER_ERROR,
    Refusal,
    refusal_of,
    report,
)
from hanko_compat.storage.engine.database import Database

# As Hanko 2.7.0: of these a browser is told where nobody has asked for the response; else nothing.
OF_UNSOLICITED = (
    SamlIssuerMissing,
    SamlResponseIdMissing,
    SamlResponseNodeMissing,
    SamlResponseRefused,
    SamlResponseUnreadable,
    SamlResponseUsed,
    SamlUnsolicited,
)


class SamlRefusals:
    """Makes URLs of errors, and reports these. Threads share it."""

    def __init__(
        self, database: Database, *, events: Events, redirects: AllowedRedirects, default_url: str
    ) -> None:
        """*default_url* is where errors go that have no better place; "" leaves browsers where they are."""
        self._database = database
        self._events = events
        self._redirects = redirects
        self._default_url = default_url

    def url_of(
        self,
        error: HankoCompatError,
        *,
        redirect_to: str | None,
        referer: str,
        client: Client,
        domain: str = "",
    ) -> str:
        """The URL that tells a browser of *error*: *redirect_to* of its request, where that is known.

        Else it is the page that the browser comes from, where that is of an allowed site. *domain* is that of
        the provider, for our log.
        """
        refusal = saml_refusal_of(error, has_request=redirect_to is not None)
        report(refusal, self._events, self._database, client=client, provider=domain)
        place = redirect_to
        if place is None:
            place = referer if referer and self._redirects.allows_site_of(referer) else self._default_url
        return with_query(place, **refusal.parameters())


def saml_refusal_of(error: HankoCompatError, *, has_request: bool) -> Refusal:
    """What *error* looks like from outside; *has_request* says whether a response answers one of ours."""
    reason = str(getattr(error, "reason", ""))
    match error:
        case ProviderUnknown(provider=domain):
            return Refusal(INVALID_REQUEST, f"unknown provider for domain {domain}")
        case RedirectNotAllowed():
            return Refusal(SERVER_ERROR, INTERNAL_ERROR, error.message)
        case EmailDomainForeign():
            return Refusal("unverified_email", EmailUnverified.message, error.message)
    if isinstance(error, OF_UNSOLICITED) and not has_request:
        return Refusal(INVALID_REQUEST, error.message, reason)
    return refusal_of(error)
