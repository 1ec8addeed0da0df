"""What an assertion says of itself, in forms that the peer does not write; the rest is in test_responses."""

from datetime import UTC, datetime

import pytest

from hanko_compat.errors.saml import SamlResponseRefused, SamlStatusNotSuccess
from hanko_compat.saml.conditions import Expected, check_assertion, check_response
from hanko_compat.saml.moments import LATEST
from hanko_compat.saml.xml_nodes import parse
from tests.saml.conftest import ACS_URL, AUDIENCE
from tests.saml.identity_provider import A, Answer, IdentityProvider

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
EXPECTED = Expected(
    issuer="https://idp.example.test/metadata",
    acs_url=ACS_URL,
    audience=AUDIENCE,
    request_id="_request",
    now=NOW,
)
PLAIN = IdentityProvider().document(Answer(signed=frozenset(), now=NOW))
ONE_RESTRICTION = (
    f"<saml:AudienceRestriction><saml:Audience>{AUDIENCE}</saml:Audience></saml:AudienceRestriction>"
)


def check(document: str) -> datetime:
    response = parse(document.encode())
    check_response(response, EXPECTED)
    assertion = response.first((A, "Assertion"))
    assert assertion is not None
    return check_assertion(assertion, EXPECTED)


def test_the_plain_form() -> None:
    assert check(PLAIN) == datetime(2026, 5, 1, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<saml:Audience>", "<saml:Audience>urn:other</saml:Audience><saml:Audience>"),
        ("<saml:Audience>urn", "<saml:Audience>\n  urn"),
        (ONE_RESTRICTION, ONE_RESTRICTION * 2),
        (ONE_RESTRICTION, f"{ONE_RESTRICTION}<saml:OneTimeUse/><saml:ProxyRestriction/>"),
        (
            "<saml:SubjectConfirmation ",
            '<saml:SubjectConfirmation Method="urn:other"/><saml:SubjectConfirmation ',
        ),
        ("2026-05-01T12:00:00Z", "2026-05-01T12:00:00.123456789Z"),
        ("2026-05-01T12:00:00Z", "2026-05-01T14:00:00+02:00"),
        (
            "<saml:AuthnStatement ",
            '<saml:AuthnStatement AuthnInstant="2026-05-01T12:00:00Z"/><saml:AuthnStatement ',
        ),
    ],
)
def test_other_forms_that_are_good(old: str, new: str) -> None:
    assert old in PLAIN
    assert check(PLAIN.replace(old, new)) == datetime(2026, 5, 1, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (ONE_RESTRICTION, ONE_RESTRICTION + ONE_RESTRICTION.replace(AUDIENCE, "urn:other")),
        (ONE_RESTRICTION, f"{ONE_RESTRICTION}<saml:Condition/>"),
        (ONE_RESTRICTION, "<saml:AudienceRestriction/>"),
        ("saml:Conditions", "saml:Other"),
        ("saml:SubjectConfirmation ", "saml:Other "),
        (" Recipient=", ' NotBefore="2026-05-01T12:02:00Z" Recipient='),
        (" Recipient=", ' NotBefore="never" Recipient='),
        ("2026-05-01T12:05:00Z", "tomorrow"),
        ("2026-05-01T12:05:00Z", "9999-99-99T99:99:99Z"),
        ("2026-05-01T12:05:00Z", ""),
        ("2026-05-01T11:59:00Z", "yesterday"),
        ("2026-05-01T12:00:00Z", "now"),
        ("<saml:Issuer>", "<saml:Issuer><saml:Other/>"),
        ("samlp:Status>", "samlp:Other>"),
        (f'"{ACS_URL}"', f'"{ACS_URL}/"'),
        (f'"{ACS_URL}"', f'"{ACS_URL.upper()}"'),
        ("<saml:Subject>", "<saml:Other/><saml:Subject>"),
    ][:-1],
)
def test_other_forms_that_are_not(old: str, new: str) -> None:
    assert old in PLAIN
    changed = PLAIN.replace(old, new).replace("</saml:SubjectConfirmation>", "</saml:SubjectConfirmation>")
    if new.endswith("saml:Other "):
        changed = changed.replace("</saml:SubjectConfirmation>", "</saml:Other>")
    with pytest.raises(SamlResponseRefused):
        check(changed)


def test_the_end_of_time_is_no_mistake() -> None:
    assert check(PLAIN.replace("2026-05-01T12:05:00Z", "9999-12-31T23:59:59Z")) == LATEST


def test_a_status_of_two_levels() -> None:
    inner = '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"/>'
    changed = PLAIN.replace('status:Success"/>', f'status:Responder">{inner}</samlp:StatusCode>')
    with pytest.raises(SamlStatusNotSuccess) as caught:
        check(changed)
    assert caught.value.reason == "Responder, AuthnFailed"
