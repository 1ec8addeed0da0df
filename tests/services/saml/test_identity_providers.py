"""Providers are known as soon as their metadata can be had, and as these are now."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest

from hanko_compat.config.third_party import IdentityProvider
from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.errors.saml import SamlMetadataInvalid
from hanko_compat.errors.third_party import ProviderUnknown
from hanko_compat.saml.identity_provider import IdpMetadata
from hanko_compat.services.saml import identity_providers
from hanko_compat.services.saml.identity_providers import (
    LONGEST,
    OVERDUE,
    PAUSE_OF_REQUESTS,
    SHORTEST,
    IdentityProviders,
)
from tests.clock import FakeClock

CORP, OTHER, OFF = (
    IdentityProvider(enabled=enabled, domain=domain, metadata_url=f"https://{domain}/metadata", name=domain)
    for enabled, domain in (
        (True, "corp.example.test"),
        (True, "other.example.test"),
        (False, "off.example.test"),
    )
)


class Source:
    """Identity providers as a fetch finds them: ``says[url]`` is metadata, or an error."""

    def __init__(self) -> None:
        self.says: dict[str, IdpMetadata | Exception] = {}
        self.asked: list[str] = []
        self.may_answer = Event()
        self.may_answer.set()

    def fetch(self, url: str) -> IdpMetadata:
        self.asked.append(url)
        assert self.may_answer.wait(30)
        found = self.says[url]
        if isinstance(found, Exception):
            raise found
        return found

    def serve(self, provider: IdentityProvider, *certificates: str, **more) -> None:
        entity_id = more.pop("entity_id", provider.domain)
        self.says[provider.metadata_url] = IdpMetadata(
            entity_id=entity_id, sso_url="https://idp.example.test/sso", certificates=certificates, **more
        )

    def fail(self, provider: IdentityProvider, error: Exception | None = None) -> None:
        self.says[provider.metadata_url] = error or RequestFailed("timed out")


@pytest.fixture
def source() -> Source:
    source = Source()
    source.serve(CORP, "first")
    source.serve(OTHER, "other")
    return source


@pytest.fixture
def providers(source: Source, clock: FakeClock) -> IdentityProviders:
    return IdentityProviders([CORP, OTHER, OFF], fetch=source.fetch, now=clock)


def certificates(providers: IdentityProviders, provider: IdentityProvider = CORP) -> tuple[str, ...]:
    """Those of the provider; () where it is not known."""
    try:
        return providers.find(provider.domain).metadata.certificates
    except ProviderUnknown:
        return ()


def refresh_due(providers: IdentityProviders) -> None:
    """What the thread in the background does."""
    for domain in providers.due():
        providers.refresh(domain)


def test_nothing_is_fetched_before_it_is_needed(providers: IdentityProviders, source: Source) -> None:
    assert source.asked == []
    assert providers.is_configured(CORP.domain)
    assert not providers.is_configured(OFF.domain)
    assert source.asked == []


def test_everything_is_due_at_the_start(providers: IdentityProviders, source: Source) -> None:
    assert providers.next_due() <= 0
    refresh_due(providers)
    assert source.asked == [CORP.metadata_url, OTHER.metadata_url]
    assert (certificates(providers), certificates(providers, OTHER)) == (("first",), ("other",))
    assert len(source.asked) == 2
    assert providers.due() == []
    assert providers.next_due() > 60


@pytest.mark.parametrize("domain", ["CORP.example.test", "nobody.example.test", "off.example.test", ""])
def test_domains_are_compared_by_letter(providers: IdentityProviders, domain: str) -> None:
    with pytest.raises(ProviderUnknown):
        providers.find(domain)


def test_without_a_thread_the_first_request_fetches(providers: IdentityProviders, source: Source) -> None:
    assert certificates(providers) == ("first",)
    assert source.asked == [CORP.metadata_url]


@pytest.mark.parametrize("error", [RequestFailed("status 503"), SamlMetadataInvalid("no metadata")])
def test_a_provider_that_was_down_is_known_without_a_restart(
    providers: IdentityProviders, source: Source, clock: FakeClock, error: Exception
) -> None:
    source.fail(CORP, error)
    refresh_due(providers)
    assert certificates(providers) == ()
    source.serve(CORP, "first")
    clock.advance(seconds=7)  # the pause after the first failure, with what it varies by
    refresh_due(providers)
    assert certificates(providers) == ("first",)


def test_pauses_after_failures_grow_to_a_bound(source: Source, clock: FakeClock) -> None:
    source.fail(CORP)
    providers = IdentityProviders([CORP], fetch=source.fetch, now=clock)
    pauses = []
    for _ in range(12):
        refresh_due(providers)
        pauses.append(providers.next_due())
        clock.advance(seconds=pauses[-1] + 0.001)
    assert pauses[0] <= 6
    assert all(240 <= pause <= 360 for pause in pauses[-3:])


def test_an_outage_is_logged_once(
    providers: IdentityProviders, source: Source, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    source.fail(CORP)
    for _ in range(3):
        providers.refresh(CORP.domain)
        clock.advance(minutes=10)
    assert [record.message for record in caplog.records] == ["saml_metadata_unavailable"]
    assert caplog.records[0].reason == "timed out"


def test_what_is_known_stays_while_the_provider_is_down(
    providers: IdentityProviders, source: Source, clock: FakeClock
) -> None:
    refresh_due(providers)
    source.fail(CORP)
    clock.advance(days=30)
    refresh_due(providers)
    assert certificates(providers) == ("first",)


def test_requests_cause_few_fetches_of_a_provider_that_is_down(
    providers: IdentityProviders, source: Source, clock: FakeClock
) -> None:
    source.fail(CORP)
    for _ in range(50):
        assert certificates(providers) == ()
    assert len(source.asked) == 1
    clock.advance(seconds=PAUSE_OF_REQUESTS)
    source.serve(CORP, "first")
    assert certificates(providers) == ("first",)


def test_of_many_requests_at_the_start_one_fetches_and_all_get_it(
    providers: IdentityProviders, source: Source
) -> None:
    source.may_answer.clear()
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(certificates, providers) for _ in range(8)]
        while not source.asked:
            pass
        source.may_answer.set()
        assert [answer.result() for answer in answers] == [("first",)] * 8
    assert source.asked == [CORP.metadata_url]


def test_nobody_waits_for_a_provider_that_hangs_but_who_asks_it(
    providers: IdentityProviders, source: Source, clock: FakeClock
) -> None:
    refresh_due(providers)
    clock.advance(days=2)
    source.asked.clear()
    source.may_answer.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(certificates, providers)
        while not source.asked:
            pass
        assert certificates(providers) == ("first",)  # at once: the other one still waits
        source.may_answer.set()
        assert first.result() == ("first",)


def test_a_renewed_certificate_is_known_after_an_hour(
    providers: IdentityProviders, source: Source, clock: FakeClock
) -> None:
    refresh_due(providers)
    source.serve(CORP, "second", "first")
    clock.advance(minutes=30)
    refresh_due(providers)
    assert certificates(providers) == ("first",)
    clock.advance(minutes=31)
    refresh_due(providers)
    assert certificates(providers) == ("second", "first")


def test_without_a_thread_a_request_fetches_what_is_overdue(
    providers: IdentityProviders, source: Source, clock: FakeClock
) -> None:
    certificates(providers)
    source.serve(CORP, "second")
    clock.advance(hours=1, seconds=OVERDUE)
    assert certificates(providers) == ("second",)


def test_a_signature_that_does_not_verify_is_a_reason_to_look(
    providers: IdentityProviders, source: Source, clock: FakeClock
) -> None:
    known = providers.find(CORP.domain)
    clock.advance(seconds=PAUSE_OF_REQUESTS)
    assert providers.renew(known) is None
    source.serve(CORP, "second")
    clock.advance(seconds=PAUSE_OF_REQUESTS)
    renewed = providers.renew(known)
    assert renewed is not None
    assert renewed.metadata.certificates == ("second",)


def test_forged_signatures_cause_few_fetches(
    providers: IdentityProviders, source: Source, clock: FakeClock
) -> None:
    known = providers.find(CORP.domain)
    clock.advance(seconds=PAUSE_OF_REQUESTS)
    for _ in range(50):
        assert providers.renew(known) is None
    assert len(source.asked) == 2


def test_metadata_are_not_used_beyond_their_end(source: Source, clock: FakeClock) -> None:
    source.serve(CORP, "first", valid_until=clock() + timedelta(hours=1))
    providers = IdentityProviders([CORP], fetch=source.fetch, now=clock)
    refresh_due(providers)
    assert providers.next_due() <= 30 * 60
    source.fail(CORP)
    clock.advance(minutes=59)
    refresh_due(providers)
    assert certificates(providers) == ("first",)
    clock.advance(minutes=2)
    assert certificates(providers) == ()


def test_metadata_that_are_over_are_none(
    providers: IdentityProviders, source: Source, clock: FakeClock
) -> None:
    source.serve(CORP, "first", valid_until=clock())
    assert certificates(providers) == ()


@pytest.mark.parametrize(
    ("cache_duration", "expected"),
    [
        (None, timedelta(hours=1)),
        (timedelta(0), SHORTEST),
        (timedelta(seconds=1), SHORTEST),
        (timedelta(hours=6), timedelta(hours=6)),
        (timedelta(days=365), LONGEST),
    ],
    ids=str,
)
def test_cache_duration_counts_within_bounds(
    source: Source, clock: FakeClock, cache_duration: timedelta | None, expected: timedelta
) -> None:
    source.serve(CORP, "first", cache_duration=cache_duration)
    providers = IdentityProviders([CORP], fetch=source.fetch, now=clock)
    refresh_due(providers)
    assert 0.8 <= providers.next_due() / expected.total_seconds() <= 1


def test_one_server_may_serve_several_domains(providers: IdentityProviders, source: Source) -> None:
    source.serve(CORP, "first", entity_id="urn:both")
    source.serve(OTHER, "first", entity_id="urn:both")
    domains = [known.settings.domain for known in providers.list_by_issuer("urn:both")]
    assert domains == [CORP.domain, OTHER.domain]
    assert providers.list_by_issuer("urn:nobody") == []


@pytest.mark.parametrize(
    ("mine", "others", "is_foreign"),
    [
        (("first",), ("first",), False),
        (("first",), ("first", "next"), False),
        (("first", "stolen"), ("stolen",), True),
        (("first",), ("second",), True),
    ],
)
def test_who_can_sign_for_a_domain_decides_whose_it_is(
    providers: IdentityProviders, source: Source, mine: tuple[str], others: tuple[str], is_foreign: bool
) -> None:
    """Not the entity ID, nor a certificate of another one, which anybody can write down."""
    source.serve(CORP, *mine, entity_id="urn:both")
    source.serve(OTHER, *others, entity_id="urn:both")
    known = providers.find(CORP.domain)
    assert certificates(providers, OTHER) == others
    assert providers.foreign_to(known) == (frozenset({OTHER.domain}) if is_foreign else frozenset())


def test_one_document_describes_one_server(source: Source, clock: FakeClock) -> None:
    twin = replace(CORP, domain="twin.example.test")
    providers = IdentityProviders([CORP, twin, OTHER], fetch=source.fetch, now=clock)
    assert providers.foreign_to(providers.find(CORP.domain)) == {OTHER.domain}


def test_several_log_ins_meet_a_new_certificate_at_once(
    providers: IdentityProviders, source: Source, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One fetches it, and none of the others is refused meanwhile."""
    monkeypatch.setattr(identity_providers, "PATIENCE", 30.0)
    known = providers.find(CORP.domain)
    clock.advance(seconds=PAUSE_OF_REQUESTS + 1)
    source.serve(CORP, "second")
    source.asked.clear()
    source.may_answer.clear()
    with ThreadPoolExecutor(4) as pool:
        renewed = [pool.submit(providers.renew, known) for _ in range(4)]
        done, _ = wait(renewed, timeout=0.2)
        source.may_answer.set()
    assert not done
    found = [each.result() for each in renewed]
    assert [each.metadata.certificates if each else () for each in found] == [("second",)] * 4
    assert source.asked == [CORP.metadata_url]
