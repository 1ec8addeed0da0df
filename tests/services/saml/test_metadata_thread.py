"""The thread fetches everything, again and again, and ends when it is told."""

import pytest

from hanko_compat.clock import utc_now
from hanko_compat.saml.identity_provider import IdpMetadata
from hanko_compat.services.saml.identity_providers import IdentityProviders
from hanko_compat.services.saml.metadata_thread import MetadataThread
from tests.receiver import eventually
from tests.services.saml.test_identity_providers import CORP, OTHER, Source


def test_a_provider_that_hangs_delays_no_other() -> None:
    class Hanging(Source):
        def fetch(self, url: str) -> IdpMetadata:
            return super().fetch(url) if url == CORP.metadata_url else self.says[url]

    source = Hanging()
    source.serve(CORP, "first")
    source.serve(OTHER, "other")
    source.may_answer.clear()
    providers = IdentityProviders([CORP, OTHER], fetch=source.fetch, now=utc_now)
    thread = MetadataThread(providers)
    thread.start()
    try:
        eventually(lambda: providers.due() == [CORP.domain])
        source.may_answer.set()
        eventually(lambda: providers.due() == [])
        assert providers.find(CORP.domain).metadata.certificates == ("first",)
        assert source.asked == [CORP.metadata_url]
    finally:
        source.may_answer.set()
        thread.stop(patience=60)


def test_it_lives_on_after_what_nobody_has_foreseen(caplog: pytest.LogCaptureFixture) -> None:
    source = Source()
    source.serve(OTHER, "other")
    source.fail(CORP, RuntimeError("can't start new thread"))
    providers = IdentityProviders([CORP, OTHER], fetch=source.fetch, now=utc_now)
    thread = MetadataThread(providers, pause_after_fault=0.01)
    thread.start()
    try:
        eventually(lambda: "saml_metadata_failed" in caplog.messages)
        source.serve(CORP, "first")
        eventually(lambda: providers.due() == [])
        assert providers.find(CORP.domain).metadata.certificates == ("first",)
        assert providers.find(OTHER.domain).metadata.certificates == ("other",)
    finally:
        thread.stop(patience=60)


def test_it_ends_without_having_been_started() -> None:
    source = Source()
    MetadataThread(IdentityProviders([CORP], fetch=source.fetch, now=utc_now)).stop(patience=1)
    assert source.asked == []
