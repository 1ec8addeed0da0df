"""The identity providers of the configuration, and what is known of them: their metadata.

A process fetches these by itself: when it starts and again and again after that, in `MetadataThread`; a
request fetches only what nobody has fetched in time, such as in a server that starts no threads. No start
waits for a provider, and none is refused because one is down.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import SystemRandom
from threading import BoundedSemaphore, Lock

from hanko_compat.clock import Clock
from hanko_compat.config.third_party import IdentityProvider
from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.errors.saml import SamlMetadataInvalid
from hanko_compat.errors.third_party import ProviderUnknown
from hanko_compat.saml.identity_provider import IdpMetadata

logger = logging.getLogger(__name__)

INTERVAL = timedelta(hours=1)
"""Between two fetches where the metadata name no ``cacheDuration``."""
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=1)
"""Bounds of what metadata can ask for."""
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
"""Seconds between a fetch that failed and the next one; they double with each."""
PAUSE_OF_REQUESTS = 10.0
"""Seconds after a fetch of a provider in which no request causes another one."""
OVERDUE = 60.0
"""Seconds after which a request fetches what should have been fetched by then."""
PATIENCE = 1.0
"""Seconds that a request waits for somebody else's fetch: the very first one, or of new certificates."""
FETCHING_REQUESTS = 2
"""How many requests fetch at the same time: providers that hang must not hold every thread."""

Fetch = Callable[[str], IdpMetadata]
_jitter = SystemRandom().uniform


@dataclass(frozen=True, slots=True)
class KnownProvider:
    """An identity provider that can be used: how it is configured, and its metadata."""

    settings: IdentityProvider
    metadata: IdpMetadata


@dataclass(slots=True)
class _Entry:
    """What this process knows of a provider. Moments are of `Clock.monotonic`; None before a first fetch."""

    settings: IdentityProvider
    fetching: Lock = field(default_factory=Lock)
    metadata: IdpMetadata | None = None
    tried_at: float | None = None
    due_at: float = 0.0
    failures: int = 0

    def is_due(self, moment: float) -> bool:
        return self.tried_at is None or moment >= self.due_at


class IdentityProviders:
    """Finds identity providers by domain or issuer. Threads share it; processes have one each."""

    def __init__(self, settings: Sequence[IdentityProvider], *, fetch: Fetch, now: Clock) -> None:
        """Take the enabled ones of *settings*; *fetch* raises RequestFailed and SamlMetadataInvalid."""
        self._entries = {each.domain: _Entry(each) for each in settings if each.enabled}
        self._fetch = fetch
        self._now = now
        self._places = BoundedSemaphore(FETCHING_REQUESTS)

    def is_configured(self, domain: str) -> bool:
        """Whether a provider is configured and enabled for *domain*, known or not."""
        return domain in self._entries

    def find(self, domain: str) -> KnownProvider:
        """The provider of *domain*, which is compared by letter, as in the original.

        Raises:
            ProviderUnknown: none is configured, or its metadata could not be had or are over.
        """
        entry = self._entries.get(domain)
        known = None if entry is None else self._known(entry)
        if known is None:
            raise ProviderUnknown(domain)
        return known

    def list_by_issuer(self, issuer: str) -> list[KnownProvider]:
        """The providers that an assertion of *issuer* may come from; one server may serve several domains."""
        known = (self._known(entry) for entry in self._entries.values())
        return [each for each in known if each and each.metadata.entity_id == issuer]

    def foreign_to(self, known: KnownProvider) -> frozenset[str]:
        """The domains of other servers than that of *known*, whatever these call themselves.

        What metadata say of an entity ID is the word of whoever wrote them.
        """
        return frozenset(
            domain for domain, entry in self._entries.items() if not _is_of_one_server(known, entry)
        )

    def renew(self, known: KnownProvider) -> KnownProvider | None:
        """The provider with other certificates than those that were *known*; None where there are none.

        For when a signature does not verify: the server may have a new certificate.
        """
        entry = self._entries[known.settings.domain]
        # Of several whose log-ins meet the new certificate, one fetches for all.
        self._fetch_for_request(entry, patience=PATIENCE)
        metadata = self._usable(entry)
        if metadata is None or metadata.certificates == known.metadata.certificates:
            return None
        return KnownProvider(entry.settings, metadata)

    def due(self) -> list[str]:
        """The domains whose metadata are to be fetched now, in the background."""
        moment = self._now.monotonic()
        return [domain for domain, entry in self._entries.items() if entry.is_due(moment)]

    def next_due(self) -> float:
        """In how many seconds something is due; negative when it is."""
        moment = self._now.monotonic()
        return min((entry.due_at - moment for entry in self._entries.values()), default=LONGEST_PAUSE)

    def refresh(self, domain: str) -> None:
        """Fetch the metadata of a provider, unless somebody does; what can't be fetched is logged."""
        entry = self._entries[domain]
        if entry.fetching.acquire(blocking=False):
            try:
                self._refresh(entry)
            finally:
                entry.fetching.release()

    def _known(self, entry: _Entry) -> KnownProvider | None:
        is_late = entry.tried_at is None or self._now.monotonic() >= entry.due_at + OVERDUE
        if is_late or self._usable(entry) is None:
            self._fetch_for_request(entry)
        metadata = self._usable(entry)
        return None if metadata is None else KnownProvider(entry.settings, metadata)

    def _usable(self, entry: _Entry) -> IdpMetadata | None:
        """The metadata, unless they are over (metadata s. 2.3.2: ``validUntil``)."""
        metadata = entry.metadata
        is_over = metadata and metadata.valid_until and metadata.valid_until <= self._now()
        return None if is_over else metadata

    def _fetch_for_request(self, entry: _Entry, *, patience: float = 0.0) -> None:
        """Fetch, unless that was done lately; wait for another thread where nothing was ever fetched."""
        patience = PATIENCE if entry.tried_at is None else patience
        if not entry.fetching.acquire(timeout=patience):
            return
        try:
            lately = self._now.monotonic() - PAUSE_OF_REQUESTS
            if entry.tried_at is not None and entry.tried_at > lately:
                return
            if self._places.acquire(blocking=False):
                try:
                    self._refresh(entry)
                finally:
                    self._places.release()
        finally:
            entry.fetching.release()

    def _refresh(self, entry: _Entry) -> None:
        moment = self._now.monotonic()
        try:
            metadata = self._fetch_valid(entry.settings.metadata_url)
        except (RequestFailed, SamlMetadataInvalid) as error:
            self._note_failure(entry, error.reason)
        else:
            self._note(entry, metadata)
        entry.tried_at = moment

    def _fetch_valid(self, url: str) -> IdpMetadata:
        metadata = self._fetch(url)
        if metadata.valid_until and metadata.valid_until <= self._now():
            raise SamlMetadataInvalid("validUntil is over")
        return metadata

    def _note(self, entry: _Entry, metadata: IdpMetadata) -> None:
        before = entry.metadata
        entry.due_at = self._now.monotonic() + self._pause_after(metadata)
        entry.metadata, entry.failures = metadata, 0
        if before is None or before.certificates != metadata.certificates:
            logger.info("saml_metadata_fetched", extra=dict(_named(entry)))

    def _note_failure(self, entry: _Entry, reason: str) -> None:
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(entry.failures, 10))
        entry.due_at = self._now.monotonic() + pause * _jitter(0.8, 1.2)
        if not entry.failures:  # one line per outage, not one per attempt
            logger.warning("saml_metadata_unavailable", extra={**dict(_named(entry)), "reason": reason})
        entry.failures += 1

    def _pause_after(self, metadata: IdpMetadata) -> float:
        """Seconds until the metadata are fetched again, not all processes at one moment."""
        wanted = INTERVAL if metadata.cache_duration is None else metadata.cache_duration
        pause = min(max(wanted, SHORTEST), LONGEST)
        if metadata.valid_until:
            # Early enough for more than one attempt before they are over.
            pause = max(min(pause, (metadata.valid_until - self._now()) / 2), SHORTEST)
        return pause.total_seconds() * _jitter(0.8, 1.0)


def _is_of_one_server(known: KnownProvider, entry: _Entry) -> bool:
    """Whether all who can sign for *known* can sign for *entry*: another's certificate proves nothing."""
    if known.settings.metadata_url == entry.settings.metadata_url:
        return True
    mine, other = known.metadata, entry.metadata
    return (
        other is not None
        and mine.entity_id == other.entity_id
        and set(mine.certificates) <= set(other.certificates)
    )


def _named(entry: _Entry) -> Iterator[tuple[str, str]]:
    yield "domain", entry.settings.domain
    yield "url", entry.settings.metadata_url
