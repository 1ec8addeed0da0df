"""Metadata of identity providers."""

import pytest

from hanko_compat.saml.idp_metadata import parse_metadata


def test_nothing_is_no_metadata() -> None:
    with pytest.raises(NotImplementedError):
        parse_metadata(b"")
