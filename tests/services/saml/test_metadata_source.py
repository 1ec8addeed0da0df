"""Metadata are fetched from where the operator says, and not from where others lead."""

import pytest

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.errors.saml import SamlMetadataInvalid
from hanko_compat.saml.identity_provider import IdpMetadata
from hanko_compat.saml.idp_metadata import MAX_BYTES
from hanko_compat.services.saml.metadata_source import MetadataSource
from tests.gateway import HttpGateway


def parse(document: bytes) -> IdpMetadata:
    """Read a stand-in for metadata: that documents are read right is for `tests/saml`."""
    if not document.startswith(b"<EntityDescriptor"):
        raise SamlMetadataInvalid("no metadata")
    return IdpMetadata(entity_id="urn:idp", sso_url="https://idp.example.test/sso", certificates=("one",))


@pytest.fixture
def source() -> MetadataSource:
    return MetadataSource(parse, timeout=0.5)


def test_the_operators_own_server_may_be_in_a_private_network(source: MetadataSource) -> None:
    with HttpGateway(body=b"<EntityDescriptor/>") as server:
        assert source.fetch(server.url).entity_id == "urn:idp"
        assert "samlmetadata+xml" in server.received[0].headers["Accept"]


def test_a_document_may_be_as_long_as_is_read() -> None:
    document = b"<EntityDescriptor/>".ljust(MAX_BYTES)
    with HttpGateway(body=document) as server:
        assert MetadataSource(parse).fetch(server.url).entity_id == "urn:idp"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_a_private_address_is_not_followed(source: MetadataSource, status: int) -> None:
    with HttpGateway(body=b"<EntityDescriptor/>") as inner:
        with (
            HttpGateway(status=status, headers={"Location": inner.url}) as server,
            pytest.raises(RequestFailed),
        ):
            source.fetch(server.url)
        assert inner.received == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"status": 404}, "status 404"),
        ({"status": 503, "body": b"<EntityDescriptor/>"}, "status 503"),
        ({"status": 302, "headers": {"Location": "http://["}}, "a redirect to no URL"),
        ({"status": 302}, "status 302"),
        ({"hangs": True}, ""),
        ({"drips": True}, ""),
        ({"body": b"x" * (MAX_BYTES + 1)}, f"an answer of more than {MAX_BYTES} bytes"),
    ],
    ids=lambda value: str(value)[:80],
)
def test_what_is_no_answer_is_refused_in_time(source: MetadataSource, answer, reason: str) -> None:
    with HttpGateway(**answer) as server, pytest.raises(RequestFailed) as refused:
        source.fetch(server.url)
    assert refused.value.reason.startswith(reason)


def test_a_server_that_is_down_is_an_answer_too(source: MetadataSource) -> None:
    with HttpGateway() as server:
        url = server.url
    with pytest.raises(RequestFailed):
        source.fetch(url)


def test_what_is_no_metadata_is_refused(source: MetadataSource) -> None:
    with HttpGateway(body=b"<html>") as server, pytest.raises(SamlMetadataInvalid):
        source.fetch(server.url)


@pytest.mark.parametrize("entity_id", ["google", "GitHub", "custom_keycloak"])
def test_no_server_is_called_like_a_third_party(entity_id: str) -> None:
    """Whose accounts are told apart by such a name alone."""
    metadata = IdpMetadata(entity_id=entity_id, sso_url="https://idp.example.test/sso", certificates=("one",))
    with HttpGateway(body=b"<EntityDescriptor/>") as server, pytest.raises(SamlMetadataInvalid):
        MetadataSource(lambda _: metadata, timeout=0.5).fetch(server.url)
