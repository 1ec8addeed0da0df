"""Log-in by SAML (profiles s. 4.1): to the identity provider, and back with its response."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore

from hanko_compat.client import Client
from hanko_compat.errors import HankoCompatError
from hanko_compat.errors.saml import SamlResponseRefused, SamlResponseUnreadable, SamlVerifierUnavailable
from hanko_compat.errors.saml_log_in import EmailDomainForeign, SamlUnsolicited
from hanko_compat.errors.third_party import (
    EmailUnverified,
    LoginRequestInvalid,
    ProviderUserInvalid,
    RedirectNotAllowed,
)
from hanko_compat.provider_user import ProviderUser
from hanko_compat.saml.assertion import Assertion
from hanko_compat.saml.claimed_issuer import claimed_issuer
from hanko_compat.saml.service_provider import ServiceProvider
from hanko_compat.services.identities.entries import EntryRules, IdentityEntries
from hanko_compat.services.redirects import AllowedRedirects, is_url, with_query
from hanko_compat.services.saml.attribute_maps import read_user
from hanko_compat.services.saml.identity_providers import IdentityProviders, KnownProvider
from hanko_compat.services.saml.requests import PREFIX, PendingRequest, SamlRequests, new_reference

logger = logging.getLogger(__name__)

# A name with at least one dot, as validators of the original's kind want it; the last label is no number.
DOMAIN = re.compile(r"(?:[a-z0-9][a-z0-9-]{0,62}\.)+[a-z][a-z0-9]{0,62}\.?", re.ASCII | re.IGNORECASE)
AT_ONCE = 4
"""How many threads of a process, which has eight, read responses: strangers may send many long ones."""
LONGEST_DOMAIN = 253  # characters (RFC 1035 s. 3.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlRules:
    """What the configuration wants.

    ``takes_parents``: whether a provider of ``corp.example.com`` may vouch for addresses of ``example.com``.
    ``unsolicited_redirect``: where a browser goes with a response that nobody asked for; None where such ones
    are refused.
    """

    requires_verified_email: bool
    takes_parents: bool
    unsolicited_redirect: str | None


class SamlLogin:
    """Logs users in. Threads share it."""

    def __init__(
        self,
        *,
        providers: IdentityProviders,
        requests: SamlRequests,
        service_provider: Callable[[], ServiceProvider],
        identities: IdentityEntries,
        redirects: AllowedRedirects,
        rules: SamlRules,
    ) -> None:
        """*service_provider* makes one where it is called first: it loads what takes a second."""
        self._providers = providers
        self._requests = requests
        self._service_provider = service_provider
        self._identities = identities
        self._redirects = redirects
        self._rules = rules
        self._places = BoundedSemaphore(AT_ONCE)

    def start(self, *, domain: str, redirect_to: str, browser: str) -> str:
        """The URL of the provider of *domain*, with a request; *browser* names who will bring the response.

        Raises:
            LoginRequestInvalid: a parameter is missing, or not of its form.
            ProviderUnknown: no provider of this domain can be used now.
            RedirectNotAllowed: *redirect_to* is not among the allowed URLs.
        """
        problems = list(_problems(domain, redirect_to))
        if problems:
            raise LoginRequestInvalid(*problems)
        known = self._providers.find(domain)
        if not self._redirects.allows(redirect_to):
            raise RedirectNotAllowed(redirect_to)
        reference = new_reference()
        sent = self._service_provider().login_request(known.metadata, relay_state=reference)
        self._requests.keep(
            reference, browser=browser, request_id=sent.request_id, domain=domain, redirect_to=redirect_to
        )
        return sent.url

    def find_request(self, relay_state: str, document: str, *, browser: str | None) -> PendingRequest | None:
        """The request that a response answers; None where it says that it answers none.

        As Hanko 2.7.0: without a response, which nobody could use, it may be any browser.

        Raises:
            StateMalformed: there is none, or its response was taken.
            StateExpired: it is too old.
            ExpectedStateMissing: the browser brings no cookie.
            StateInvalid: another browser was sent away with it.
        """
        if not relay_state.startswith(PREFIX):
            return None
        request = self._requests.find(relay_state)
        if document:
            self._requests.check_browser(request, browser)
        return request

    def finish(self, request: PendingRequest, document: str, *, client: Client) -> str:
        """Take the response to *request*; return where the browser goes, with a one-time token.

        A request is used up before its response is looked at: of many at once one is verified.

        Raises:
            ProviderUnknown: the provider is no longer configured, or its metadata are over.
            StateUsed: another response was faster.
            SamlResponseUsed: the response was taken before.
            EmailDomainForeign: the provider can't vouch for the address.
            EmailUnverified, ProviderUserInvalid, SignUpDisabled: as `IdentityEntries.enter` has them.
            SamlResponseRefused: the response proves nothing; see `ServiceProvider.read_response` for more.
            SamlVerifierUnavailable: too many responses are read at the moment, or xmlsec1 did not answer.
        """
        if not document:
            raise SamlResponseUnreadable("no SAMLResponse")
        known = self._providers.find(request.domain)
        with self._place():
            self._requests.consume(request)
            assertion = self._read(document, known, request_id=request.request_id)
        self._requests.take(assertion, is_unsolicited=False)
        token = self._enter(read_user(assertion, known.settings), known, client=client)
        return with_query(request.redirect_to, hanko_token=token)

    def finish_unsolicited(self, document: str, *, client: Client) -> str:
        """Take a response that nobody asked for; return where the browser goes, with a one-time token.

        Raises:
            SamlUnsolicited: such ones are not accepted.
            SamlResponseUsed: the response was taken before.
            EmailDomainForeign: the provider can't vouch for the address.
            EmailUnverified, ProviderUserInvalid, SignUpDisabled: as `IdentityEntries.enter` has them.
            SamlResponseRefused: the response proves nothing; see `ServiceProvider.read_response` for more.
            SamlVerifierUnavailable: too many responses are read at the moment, or xmlsec1 did not answer.
        """
        if not document:
            raise SamlResponseUnreadable("no SAMLResponse")
        with self._place():
            issuer = claimed_issuer(document)
            if self._rules.unsolicited_redirect is None:
                raise SamlUnsolicited
            known, assertion = self._read_unsolicited(document, issuer)
        self._requests.take(assertion, is_unsolicited=True)
        token = self._enter(read_user(assertion, known.settings), known, client=client)
        return with_query(self._rules.unsolicited_redirect, hanko_token=token)

    @contextmanager
    def _place(self) -> Iterator[None]:
        """One of few places to read a response; nothing was used up where there is none."""
        if not self._places.acquire(blocking=False):
            raise SamlVerifierUnavailable
        try:
            yield
        finally:
            self._places.release()

    def _read(self, document: str, known: KnownProvider, *, request_id: str | None) -> Assertion:
        """Verify the response, once more where the provider has new certificates."""
        try:
            return self._service_provider().read_response(document, known.metadata, request_id=request_id)
        except SamlResponseRefused:
            renewed = self._providers.renew(known)
            if renewed is None:
                raise
        return self._service_provider().read_response(document, renewed.metadata, request_id=request_id)

    def _read_unsolicited(self, document: str, issuer: str) -> tuple[KnownProvider, Assertion]:
        """Verify the response for that one of the domains of *issuer* which its address belongs to.

        Each domain's own metadata say who may sign for it: two servers may call themselves alike.
        """
        error: HankoCompatError = SamlResponseRefused("unknown issuer")
        refused: set[tuple[str, ...]] = set()
        for known in self._providers.list_by_issuer(issuer):
            if known.metadata.certificates in refused:
                continue
            try:
                assertion = self._read(document, known, request_id=None)
            except SamlResponseRefused as refusal:
                refused.add(known.metadata.certificates)
                error = refusal
                continue
            address = read_user(assertion, known.settings).email
            if not address or self._vouches(known.settings.domain, address):
                return known, assertion
            error = EmailDomainForeign()
        raise error

    def _enter(self, user: ProviderUser, known: KnownProvider, *, client: Client) -> str:
        domain = known.settings.domain
        if self._rules.requires_verified_email and not user.is_email_verified:
            raise EmailUnverified
        address = user.email or ""
        if "@" not in address:
            raise ProviderUserInvalid("no address")
        if not self._vouches(domain, address):
            raise EmailDomainForeign
        # Whoever runs a part of a domain may bring new users of the whole, and does not get existing ones.
        is_own = _domain_of(address) == domain.lower()
        rules = EntryRules(
            allow_linking=is_own,
            saml_domain=domain,
            saml_foreign_domains=self._providers.foreign_to(known),
            requires_verified_email=self._rules.requires_verified_email,
        )
        return self._identities.enter(user, rules, client=client)

    def _vouches(self, domain: str, address: str) -> bool:
        """Whether the provider of *domain* may say whose *address* it is.

        Unlike Hanko 2.7.0, which takes any address: of the domain, or of one above it where that is wanted.
        """
        own, other = domain.lower(), _domain_of(address)
        is_parent = "." in other and own.endswith(f".{other}")
        return own == other or (is_parent and self._rules.takes_parents)


def _domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _problems(domain: str, redirect_to: str) -> Iterator[str]:
    """What is wrong with the parameters, in the original's words."""
    if not domain:
        yield "Domain is a required field"
    elif len(domain) > LONGEST_DOMAIN or not DOMAIN.fullmatch(domain):
        yield "something wrong on Domain; fqdn"
    if not redirect_to:
        yield "RedirectTo is a required field"
    elif not is_url(redirect_to):
        yield "RedirectTo must be a valid URL"
