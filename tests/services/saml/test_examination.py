from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from hanko_compat.clock import utc_now
from hanko_compat.config.third_party import IdentityProvider as Settings
from hanko_compat.saml.idp_metadata import parse_metadata
from hanko_compat.services.saml.examination import examine, last_end
from hanko_compat.services.saml.metadata_source import MetadataSource
from tests.gateway import HttpGateway
from tests.saml import signing
from tests.saml.identity_provider import IdentityProvider


def examined(url):
    settings = Settings(enabled=True, domain="corp.example.test", name="Corp", metadata_url=url)
    return examine(settings, look=MetadataSource(parse_metadata).look, now=utc_now)


def test_metadata_that_can_be_used():
    with IdentityProvider(metadata_attributes=' validUntil="2040-01-02T03:04:05Z"') as provider:
        found = examined(f"{provider.base}/metadata")
        assert (found.entity_id, found.silence, found.fault) == (provider.entity_id, "", "")
        assert found.certificate_ends_at == last_end(provider.certificates)
        assert abs(found.skew) < timedelta(seconds=10)
        provider.date = format_datetime(utc_now() - timedelta(hours=1), usegmt=True)
        assert timedelta(minutes=-61) < examined(f"{provider.base}/metadata").skew < timedelta(minutes=-59)
    assert found.valid_until == datetime(2040, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_metadata_that_can_not():
    with HttpGateway(body=b"<nothing/>") as gateway:
        assert examined(gateway.url).fault != ""
        gateway.status = 503
        assert examined(gateway.url).silence == "status 503"
    assert examined(gateway.url).silence != ""


def test_the_certificate_that_lasts_longest_counts():
    certificates = [signing.pair_number(number).certificate for number in (1, 2)]
    ends = [last_end([each]) for each in certificates]
    assert last_end(["nonsense", *certificates]) == max(ends)
    assert last_end(["nonsense"]) is None
