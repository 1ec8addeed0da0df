"""Where a browser goes: on in a log-in by SAML, or back with an error."""

from dataclasses import dataclass, field

from hanko_compat.client import Client
from hanko_compat.errors import HankoCompatError
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.services.rate_limits.rate_limits import RateLimits
from hanko_compat.services.saml.login import SamlLogin
from hanko_compat.services.saml.refusals import SamlRefusals
from hanko_compat.services.saml.requests import PendingRequest


@dataclass(frozen=True, slots=True)
class Answer:
    """Where a browser goes; the URL may hold a token."""

    url: str = field(repr=False)
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a browser brings from an identity provider (bindings s. 3.5), "" for nothing; and its cookie."""

    relay_state: str = field(repr=False)
    document: str = field(repr=False)
    browser: str | None = field(repr=False)


class SamlAnswers:
    """Answers browsers, whatever happens; a database that is away and a limit are no answers of SAML's."""

    def __init__(self, login: SamlLogin, refusals: SamlRefusals, *, rate_limits: RateLimits) -> None:
        self._login = login
        self._refusals = refusals
        self._rate_limits = rate_limits

    def start(self, *, domain: str, redirect_to: str, browser: str, referer: str, client: Client) -> Answer:
        """Send a browser to the identity provider of *domain*.

        Raises:
            RateLimited: this client was sent away too often.
            DatabaseUnavailable: the database does not answer.
        """
        self._rate_limits.provider_log_in(client)
        try:
            return Answer(self._login.start(domain=domain, redirect_to=redirect_to, browser=browser))
        except DatabaseUnavailable:
            raise
        except HankoCompatError as error:
            return self._refuse(error, None, referer=referer, client=client)

    def finish(self, arrival: Arrival, *, referer: str, client: Client) -> Answer:
        """Send a browser back to the application, with a one-time token or an error.

        Raises:
            RateLimited: this client came back too often.
            DatabaseUnavailable: the database does not answer.
        """
        self._rate_limits.provider_answer(client)
        request: PendingRequest | None = None
        try:
            request = self._login.find_request(arrival.relay_state, arrival.document, browser=arrival.browser)
            if request is None:
                return Answer(self._login.finish_unsolicited(arrival.document, client=client))
            return Answer(self._login.finish(request, arrival.document, client=client))
        except DatabaseUnavailable:
            raise
        except HankoCompatError as error:
            return self._refuse(error, request, referer=referer, client=client)

    def _refuse(
        self, error: HankoCompatError, request: PendingRequest | None, *, referer: str, client: Client
    ) -> Answer:
        redirect_to = request.redirect_to if request else None
        url = self._refusals.url_of(
            error,
            redirect_to=redirect_to,
            referer=referer,
            client=client,
            domain=request.domain if request else "",
        )
        return Answer(url, is_error=True)
