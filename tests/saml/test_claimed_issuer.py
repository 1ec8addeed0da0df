"""Whose response it may be is read before anything is verified, and from nothing but the one shape."""

from collections.abc import Callable
from typing import Any

import pytest

from hanko_compat.errors.saml import (
    SamlIssuerMissing,
    SamlResponseIdMissing,
    SamlResponseNodeMissing,
    SamlResponseRefused,
    SamlResponseUnreadable,
)
from hanko_compat.saml.claimed_issuer import claimed_issuer
from tests.saml.identity_provider import IdentityProvider, encode

IDP = IdentityProvider()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"response_issuer": None},
        {"signed": frozenset()},
        {"audience": "urn:other"},
        {"is_deflated": True},
    ],
    ids=str,
)
def test_it_is_found_whatever_else_is_wrong(changes: dict[str, Any]) -> None:
    assert claimed_issuer(IDP.response(**changes)) == IDP.entity_id


def test_that_of_the_response_comes_first() -> None:
    assert claimed_issuer(IDP.response(response_issuer="urn:other")) == "urn:other"


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: "!", SamlResponseUnreadable),
        (lambda: encode("<x/>"), SamlResponseNodeMissing),
        (lambda: IDP.response(response_id=None), SamlResponseIdMissing),
        (lambda: IDP.response(issuer=None, response_issuer=None), SamlIssuerMissing),
        (
            lambda: encode(IDP.document().replace("</samlp:Response>", "<x/></samlp:Response>")),
            SamlResponseRefused,
        ),
    ],
    ids=["noise", "another document", "no ID", "no issuer", "another shape"],
)
def test_what_names_nobody_is_refused(make: Callable[[], str], error: type[Exception]) -> None:
    with pytest.raises(error):
        claimed_issuer(make())
