"""Log-in with a provider: a browser is sent there, and comes back with a code that says who it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hanko_compat.client import Client
from hanko_compat.errors import HankoCompatError
from hanko_compat.errors.rate_limits import RateLimited
from hanko_compat.errors.third_party import (
    CodeMissing,
    LoginRequestInvalid,
    ProviderDisabled,
    ProviderRefused,
    ProviderUnknown,
    RedirectNotAllowed,
    StateInvalid,
)
from hanko_compat.oauth.client import ProviderClient
from hanko_compat.oauth.provider import Provider
from hanko_compat.services.events import Events
from hanko_compat.services.identities.entries import EntryRules, IdentityEntries
from hanko_compat.services.profiles.providers import BUILT_IN
from hanko_compat.services.rate_limits.rate_limits import RateLimits
from hanko_compat.services.redirects import AllowedRedirects, is_url, with_query
from hanko_compat.services.third_party.refusals import refusal_of, report
from hanko_compat.services.third_party.states import State, States
from hanko_compat.storage.engine.database import Database


@dataclass(frozen=True, slots=True)
class ThirdPartyRules:
    """What the configuration says. ``known`` are the ids of all providers, enabled or not."""

    known: frozenset[str]
    redirect_url: str  # where providers send browsers back to
    error_redirect_url: str
    requires_verified_email: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAnswer:
    """What a browser brings back from a provider (RFC 6749 s. 4.1.2, RFC 9207); "" for what it does not."""

    state: str
    code: str = ""
    error: str = ""
    error_description: str = ""
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where a browser goes on. ``state`` is for its cookie: "" takes that back, None leaves it alone."""

    url: str
    state: str | None = None


class ThirdPartyLogin:
    """Sends browsers to providers, and receives them. Threads may share it."""

    def __init__(
        self,
        database: Database,
        *,
        providers: Mapping[str, Provider],
        client: ProviderClient,
        states: States,
        redirects: AllowedRedirects,
        rate_limits: RateLimits,
        identities: IdentityEntries,
        events: Events,
        rules: ThirdPartyRules,
    ) -> None:
        self._database = database
        self._providers = providers
        self._client = client
        self._states = states
        self._redirects = redirects
        self._rate_limits = rate_limits
        self._identities = identities
        self._events = events
        self._rules = rules

    def start(self, provider: str, redirect_to: str, *, referer: str, client: Client) -> Redirect:
        """Where a browser logs in with *provider*, to end at *redirect_to*.

        What goes wrong is told to the page that has asked, if it is of an allowed site.

        Raises:
            RateLimited: this client was sent away too often.
        """
        try:
            self._rate_limits.provider_log_in(client)
            return self._send(provider, redirect_to)
        except RateLimited:
            raise
        except HankoCompatError as error:
            place = referer if self._redirects.allows_site_of(referer) else self._rules.error_redirect_url
            return self._refuse(error, place, client, provider=_id_of(provider))

    def finish(self, answer: ProviderAnswer, *, cookies: Iterable[str], client: Client) -> Redirect:
        """Where a browser goes that comes back from a provider: with a one-time token if all went well.

        *cookies* are what it has as state. From the moment that its state is known, errors go where the token
        would go.

        Raises:
            RateLimited: this client came back too often.
        """
        try:
            self._rate_limits.provider_answer(client)
            state = self._states.take_back(answer.state, cookies=cookies)
        except RateLimited:
            raise
        except HankoCompatError as error:
            return self._refuse(error, self._rules.error_redirect_url, client)
        try:
            token = self._enter(state, answer, client)
        except HankoCompatError as error:
            return self._refuse(error, state.redirect_to, client, provider=state.provider)
        return Redirect(with_query(state.redirect_to, hanko_token=token), state="")

    def _send(self, name: str, redirect_to: str) -> Redirect:
        # As Hanko 2.7.0: in this order.
        _check_parameters(name, redirect_to)
        if not self._redirects.allows(redirect_to):
            raise RedirectNotAllowed(redirect_to)
        provider = self._find(name)
        has_pkce = self._client.supports_pkce(provider)
        state = self._states.make(provider=provider.id, redirect_to=redirect_to, with_pkce=has_pkce)
        sealed = self._states.seal(state)
        url = self._client.authorization_url(
            provider,
            redirect_uri=self._rules.redirect_url,
            state=sealed,
            nonce=state.openid_nonce,
            code_verifier=state.code_verifier,
        )
        return Redirect(url, state=sealed)

    def _enter(self, state: State, answer: ProviderAnswer, client: Client) -> str:
        """The one-time token of whoever the provider says has logged in."""
        # As Hanko 2.7.0: in this order. A state is used up only where a code could be.
        if answer.error:
            raise ProviderRefused(answer.error, answer.error_description)
        provider = self._find(state.provider)
        if not answer.code:
            raise CodeMissing
        if not self._may_be_from(provider, answer.issuer):
            raise StateInvalid
        self._states.use_up(state)
        user = self._client.fetch_user(
            provider,
            redirect_uri=self._rules.redirect_url,
            code=answer.code,
            nonce=state.openid_nonce,
            code_verifier=state.code_verifier,
            issuer=answer.issuer,
        )
        rules = EntryRules(
            allow_linking=provider.allow_linking,
            requires_verified_email=self._rules.requires_verified_email,
        )
        return self._identities.enter(user, rules, client=client, code_verifier=state.code_verifier)

    def _find(self, name: str) -> Provider:
        key = _id_of(name)
        provider = self._providers.get(key)
        if provider is not None:
            return provider
        raise ProviderDisabled(key) if key in self._rules.known else ProviderUnknown(name)

    def _may_be_from(self, provider: Provider, issuer: str) -> bool:
        """Whether an answer with this ``iss`` is of *provider* (RFC 9207 s. 2.4).

        All providers send browsers back to one URL. One that is not honest could have another's code come
        there, as if it were its own, and be handed it.
        """
        if not issuer:
            return True  # whether there may be none, the client knows
        if provider.issuers:
            return issuer in provider.issuers
        return not any(issuer in other.issuers for other in self._providers.values())

    def _refuse(self, error: HankoCompatError, place: str, client: Client, *, provider: str = "") -> Redirect:
        refusal = refusal_of(error)
        known = provider if provider in self._rules.known else ""  # nothing that strangers made up
        report(refusal, self._events, self._database, client=client, provider=known)
        return Redirect(with_query(place, **refusal.parameters()))


def _id_of(name: str) -> str:
    """The id of a provider. Frontends name the built-in ones as ``/.well-known/config`` does: Google."""
    folded = name.lower()
    return folded if folded in BUILT_IN else name


def _check_parameters(provider: str, redirect_to: str) -> None:
    """Let pass what names a provider and a URL."""
    problems = []
    if not provider:
        problems.append("Provider is a required field")
    if not redirect_to:
        problems.append("RedirectTo is a required field")
    elif not is_url(redirect_to):
        problems.append("RedirectTo must be a valid URL")
    if problems:
        raise LoginRequestInvalid(*problems)
