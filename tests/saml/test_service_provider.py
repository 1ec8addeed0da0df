"""The service provider, as the services see it."""

import pytest

from hanko_compat.clock import utc_now
from hanko_compat.saml.identity_provider import IdpMetadata
from hanko_compat.saml.service_provider import ServiceProvider, ServiceProviderOptions

IDP = IdpMetadata(entity_id="https://idp.test/metadata", sso_url="https://idp.test/sso", certificates=())


def test_nothing_is_taken_for_a_log_in() -> None:
    options = ServiceProviderOptions(entity_id="https://sp.test", acs_url="https://sp.test/acs", audience="a")
    provider = ServiceProvider(options, key_pairs=None, now=utc_now)  # type: ignore[arg-type]
    with pytest.raises(NotImplementedError):
        provider.read_response("PHg+", IDP, request_id=None)
