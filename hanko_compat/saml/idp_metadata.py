"""Metadata of identity providers, read strictly (metadata s. 2)."""

from hanko_compat.saml.identity_provider import IdpMetadata


def parse_metadata(document: bytes) -> IdpMetadata:
    """Read the metadata of one identity provider; in an ``EntitiesDescriptor`` exactly one has to be one.

    Raises:
        SamlMetadataInvalid: it is no metadata, or hostile, or lacks what is needed.
    """
    raise NotImplementedError
