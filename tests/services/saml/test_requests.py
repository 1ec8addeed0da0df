"""A request belongs to one browser and lives five minutes; it and its response work once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from hanko_compat.errors.saml_log_in import SamlResponseUsed
from hanko_compat.errors.third_party import (
    ExpectedStateMissing,
    StateExpired,
    StateInvalid,
    StateMalformed,
    StateUsed,
)
from hanko_compat.saml.assertion import Assertion
from hanko_compat.services.saml.requests import LIFETIME, SamlRequests, browser_of, new_reference
from hanko_compat.storage.models import SamlIdpInitiatedRequest, SamlRequest, SpentToken
from hanko_compat.wiring import Services
from tests.calls import outcome
from tests.clock import FakeClock
from tests.faults.racing import at_once

BROWSER, ANOTHER = browser_of(None), browser_of(None)
URL = "https://app.example.test/done?" + "x" * 2000


@pytest.fixture
def requests(services: Services, clock: FakeClock) -> SamlRequests:
    return SamlRequests(services.database, now=clock)


@pytest.fixture
def reference(requests: SamlRequests) -> str:
    return keep(requests)


@pytest.fixture
def assertion(clock: FakeClock) -> Assertion:
    return Assertion(
        response_id="_response",
        assertion_id="_assertion",
        issuer="https://idp.example.test/metadata",
        subject="alice",
        attributes={},
        not_on_or_after=clock() + timedelta(minutes=5),
    )


@pytest.fixture
def count(services: Services) -> Callable[[], dict[str, int]]:
    def count() -> dict[str, int]:
        with services.database.connection():
            return {
                model.__name__: model.select().count()
                for model in (SamlRequest, SpentToken, SamlIdpInitiatedRequest)
            }

    return count


def keep(requests: SamlRequests) -> str:
    reference = new_reference()
    requests.keep(
        reference, browser=BROWSER, request_id="_request", domain="corp.example.test", redirect_to=URL
    )
    return reference


def test_a_reference_fits_into_a_relay_state(reference: str) -> None:
    assert len(reference) <= 80


def test_what_belongs_to_a_request_is_kept_however_long(requests: SamlRequests, reference: str) -> None:
    found = requests.find(reference)
    assert (found.request_id, found.domain, found.redirect_to) == ("_request", "corp.example.test", URL)


def test_neither_reference_nor_cookie_can_be_read_in_the_database(
    services: Services, requests: SamlRequests, reference: str
) -> None:
    with services.database.connection():
        (row,) = SamlRequest.select().dicts()
    assert reference.removeprefix("hanko_spi_") not in str(row)
    assert BROWSER not in str(row)


@pytest.mark.parametrize(
    ("browser", "error"),
    [
        (None, ExpectedStateMissing),
        ("", ExpectedStateMissing),
        (ANOTHER, StateInvalid),
        ("x", StateInvalid),
    ],
    ids=["no cookie", "an empty one", "that of another", "nonsense"],
)
def test_another_browser_can_not_use_it(
    requests: SamlRequests, reference: str, browser: str | None, error: type
) -> None:
    found = requests.find(reference)
    assert outcome(lambda: requests.check_browser(found, browser)) is error
    requests.check_browser(found, BROWSER)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1],
        lambda text: text + "x",
        str.upper,
        lambda text: text.replace("hanko_spi_", ""),
        lambda _: "hanko_spi_nonsense",
        lambda _: "",
        lambda text: text[:-1] + "\x00",
        lambda _: new_reference(),
    ],
    ids=["shorter", "longer", "upper case", "no prefix", "nonsense", "nothing", "NUL", "another"],
)
def test_another_reference_is_unknown(
    requests: SamlRequests, reference: str, change: Callable[[str], str]
) -> None:
    assert outcome(lambda: requests.find(change(reference))) is StateMalformed


def test_it_lives_five_minutes(requests: SamlRequests, reference: str, clock: FakeClock) -> None:
    clock.advance(seconds=LIFETIME.total_seconds() - 2)
    requests.find(reference)
    clock.advance(seconds=2)
    assert outcome(lambda: requests.find(reference)) is StateExpired


def test_it_is_used_once_of_many_at_once(requests: SamlRequests, reference: str) -> None:
    found = requests.find(reference)
    outcomes = at_once([lambda: outcome(lambda: requests.consume(found))] * 8)
    assert sorted(outcomes, key=str) == sorted([None] + [StateUsed] * 7, key=str)
    assert outcome(lambda: requests.find(reference)) is StateMalformed


@pytest.mark.parametrize("is_unsolicited", [False, True])
def test_a_response_is_taken_once_of_many_at_once(
    requests: SamlRequests, assertion: Assertion, count: Callable[[], dict[str, int]], *, is_unsolicited: bool
) -> None:
    def take() -> type[Exception] | None:
        return outcome(lambda: requests.take(assertion, is_unsolicited=is_unsolicited))

    outcomes = at_once([take] * 8)
    assert sorted(outcomes, key=str) == sorted([None] + [SamlResponseUsed] * 7, key=str)
    assert count() == {"SamlRequest": 0, "SpentToken": 2, "SamlIdpInitiatedRequest": int(is_unsolicited)}


@pytest.mark.parametrize("change", [{"response_id": "_forged"}, {"assertion_id": "_other"}], ids=str)
@pytest.mark.parametrize("is_unsolicited", [False, True])
def test_one_known_id_is_enough_to_refuse(
    requests: SamlRequests, assertion: Assertion, change: dict[str, str], *, is_unsolicited: bool
) -> None:
    requests.take(assertion, is_unsolicited=False)
    again = replace(assertion, **change)
    assert outcome(lambda: requests.take(again, is_unsolicited=is_unsolicited)) is SamlResponseUsed


def test_ids_are_of_their_issuer(requests: SamlRequests, assertion: Assertion) -> None:
    requests.take(assertion, is_unsolicited=True)
    other = replace(assertion, issuer="https://other.example.test")
    assert outcome(lambda: requests.take(other, is_unsolicited=True)) is None


def test_the_original_finds_what_it_would_have_written(
    services: Services, requests: SamlRequests, assertion: Assertion, clock: FakeClock
) -> None:
    requests.take(assertion, is_unsolicited=True)
    with services.database.connection():
        (row,) = SamlIdpInitiatedRequest.select()
    assert (row.response_id, row.issuer) == ("_response", "https://idp.example.test/metadata")
    assert abs(row.expires_at - assertion.not_on_or_after) < timedelta(seconds=1)
    assert abs(row.created_at - clock()) < timedelta(seconds=1)


def test_what_the_original_took_is_not_taken_again(
    services: Services, requests: SamlRequests, assertion: Assertion, clock: FakeClock
) -> None:
    with services.database.connection():
        SamlIdpInitiatedRequest.create(
            response_id="_response", issuer=assertion.issuer, expires_at=clock(), created_at=clock()
        )
    assert outcome(lambda: requests.take(assertion, is_unsolicited=True)) is SamlResponseUsed


def test_old_rows_are_deleted(
    requests: SamlRequests,
    assertion: Assertion,
    services: Services,
    clock: FakeClock,
    count: Callable[[], dict[str, int]],
) -> None:
    keep(requests)
    requests.take(assertion, is_unsolicited=True)
    clock.advance(seconds=(LIFETIME + timedelta(minutes=6)).total_seconds())
    services.clean_up.runs.run()
    assert count() == {"SamlRequest": 0, "SpentToken": 2, "SamlIdpInitiatedRequest": 1}
    clock.advance(days=2)
    services.clean_up.runs.run()
    assert count() == {"SamlRequest": 0, "SpentToken": 0, "SamlIdpInitiatedRequest": 0}


def test_a_cookie_is_kept_so_that_several_tabs_log_in() -> None:
    assert browser_of(BROWSER) == BROWSER
    for odd in (None, "", "x", BROWSER + "x", BROWSER[:-1] + "\n", BROWSER[:-1] + "é"):
        assert browser_of(odd) not in (odd, BROWSER)
