"""Whom a response is for, from whom, about which request, and when (profiles s. 4.1.4.3, core s. 2.5)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hanko_compat.errors.saml import SamlResponseRefused, SamlStatusNotSuccess
from hanko_compat.saml import names
from hanko_compat.saml.moments import parse_moment
from hanko_compat.saml.xml_nodes import Node

LEEWAY = timedelta(seconds=60)
"""How much the clocks of both sides may differ."""

_HARMLESS_CONDITIONS = frozenset(
    {
        names.AUDIENCE_RESTRICTION,
        (names.ASSERTION_NS, "OneTimeUse"),  # as all are
        (names.ASSERTION_NS, "ProxyRestriction"),  # nobody is told of it
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a response has to say. *request_id* None: it answers no request."""

    issuer: str
    acs_url: str
    audience: str
    request_id: str | None
    now: datetime


def check_response(response: Node, expected: Expected) -> None:
    """Check what stands around the assertion.

    Raises:
        SamlStatusNotSuccess: the identity provider has logged nobody in.
        SamlResponseRefused: it is from or for somebody else, or about another request.
    """
    issuer = response.first(names.ISSUER)
    if issuer is not None:
        _require_issuer(issuer, expected)
    # A signed response names whom it is for (bindings s. 3.5.5.2), others may.
    destination = response.get("Destination")
    is_signed = response.first(names.SIGNATURE) is not None
    if (destination is not None or is_signed) and destination != expected.acs_url:
        raise SamlResponseRefused("the destination is another")
    if response.get("InResponseTo") != expected.request_id:
        raise SamlResponseRefused("the response is about another request")
    _require_past(response.get("IssueInstant"), expected)
    _require_success(response)


def check_assertion(assertion: Node, expected: Expected) -> datetime:
    """Check what the assertion says of itself; return until when (without leeway) it is good.

    Raises:
        SamlResponseRefused: issuer, subject, audience, recipient, request or time are not the expected ones.
    """
    issuer = assertion.first(names.ISSUER)
    if issuer is None:
        raise SamlResponseRefused("the assertion has no issuer")
    _require_issuer(issuer, expected)
    _require_past(assertion.get("IssueInstant"), expected)
    _check_sessions(assertion, expected)
    confirmed = _check_subject(assertion, expected)
    end = _check_conditions(assertion, expected)
    return confirmed if end is None else min(confirmed, end)


def _require_success(response: Node) -> None:
    status = response.first(names.STATUS)
    code = status.first(names.STATUS_CODE) if status is not None else None
    value = code.get("Value") if code is not None else None
    if code is None or value is None:
        raise SamlResponseRefused("there is no status")
    if value != names.SUCCESS:
        raise SamlStatusNotSuccess(_codes(code))


def _codes(code: Node) -> str:
    """The code, and the one in it, which says more: ``Responder, AuthnFailed``."""
    found = (code, code.first(names.STATUS_CODE))
    values = [each.get("Value") or "" for each in found if each is not None]
    return ", ".join(value.rpartition(":")[2][:64] for value in values)


def _require_issuer(issuer: Node, expected: Expected) -> None:
    if issuer.children or issuer.text.strip() != expected.issuer:
        raise SamlResponseRefused("the issuer is another")


def _check_subject(assertion: Node, expected: Expected) -> datetime:
    """One confirmation by the bearer has to fit (profiles s. 4.1.4.2); until when it does."""
    subject = assertion.first(names.SUBJECT)
    if subject is None:
        raise SamlResponseRefused("there is no subject")
    ends = [_confirmed_until(node, expected) for node in subject.all(names.SUBJECT_CONFIRMATION)]
    fitting = [end for end in ends if end is not None]
    if not fitting:
        raise SamlResponseRefused("nothing confirms the subject: recipient, request or time are wrong")
    return max(fitting)


def _confirmed_until(confirmation: Node, expected: Expected) -> datetime | None:
    data = confirmation.first(names.SUBJECT_CONFIRMATION_DATA)
    if confirmation.get("Method") != names.BEARER or data is None:
        return None
    if data.get("Recipient") != expected.acs_url or data.get("InResponseTo") != expected.request_id:
        return None
    end = parse_moment(data.get("NotOnOrAfter") or "")
    if end is None or not _is_over(data.get("NotBefore"), expected):
        return None
    return end if expected.now - LEEWAY < end else None


def _check_conditions(assertion: Node, expected: Expected) -> datetime | None:
    """Audience and time; until when they are good, if that is said."""
    conditions = assertion.first(names.CONDITIONS)
    if conditions is None:
        raise SamlResponseRefused("there are no conditions")
    if any(child.name not in _HARMLESS_CONDITIONS for child in conditions.children):
        raise SamlResponseRefused("there is a condition that nobody knows")
    if not _is_over(conditions.get("NotBefore"), expected):
        raise SamlResponseRefused("the assertion is not valid yet")
    restrictions = conditions.all(names.AUDIENCE_RESTRICTION)
    audiences = [{node.text.strip() for node in each.all(names.AUDIENCE)} for each in restrictions]
    if not audiences or any(expected.audience not in allowed for allowed in audiences):
        raise SamlResponseRefused("the audience is another")
    return _end(conditions.get("NotOnOrAfter"), expected, what="assertion")


def _check_sessions(assertion: Node, expected: Expected) -> None:
    for statement in assertion.all(names.AUTHN_STATEMENT):
        _end(statement.get("SessionNotOnOrAfter"), expected, what="session")


def _end(text: str | None, expected: Expected, *, what: str) -> datetime | None:
    """The end that *text* names, which is to come; None where there is none."""
    if text is None:
        return None
    end = parse_moment(text)
    if end is None or expected.now - LEEWAY >= end:
        raise SamlResponseRefused(f"the {what} has expired")
    return end


def _is_over(text: str | None, expected: Expected) -> bool:
    """Whether the moment *text* has come, or there is none."""
    if text is None:
        return True
    begin = parse_moment(text)
    return begin is not None and begin <= expected.now + LEEWAY


def _require_past(text: str | None, expected: Expected) -> None:
    if text is None or not _is_over(text, expected):
        raise SamlResponseRefused("the time of issue is missing, or in the future")
