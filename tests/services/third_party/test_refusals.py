"""What is told of log-ins that fail."""

from collections.abc import Callable

import pytest

from hanko_compat.errors import HankoCompatError
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.errors.emails import EmailLimitReached
from hanko_compat.errors.third_party import (
    CodeExchangeFailed,
    EmailUnverified,
    LinkingNotAllowed,
    LoginRequestInvalid,
    MultipleAccounts,
    ProviderDisabled,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUserInvalid,
    RedirectNotAllowed,
    StateMissing,
    StateUsed,
)
from hanko_compat.errors.users import SignUpDisabled
from hanko_compat.services.third_party.refusals import LONGEST, refusal_of, report
from hanko_compat.storage.models import AuditLog
from hanko_compat.wiring import Services
from tests.calls import CALLER

INTERNAL = ("server_error", "an internal error has occurred")


@pytest.mark.parametrize(
    ("error", "code", "description"),
    [
        (StateMissing(), "invalid_request", "State is a required field"),
        (StateUsed(), "invalid_request", "state was used before"),
        (LoginRequestInvalid("a", "b"), "invalid_request", "code=400, message=a and b"),
        (ProviderDisabled("linkedin"), "invalid_request", "linkedIn provider is disabled"),
        (ProviderDisabled("apple"), "invalid_request", "apple provider requested but disabled"),
        (ProviderDisabled("custom_x"), "invalid_request", "provider custom_x is disabled"),
        (EmailUnverified(), "unverified_email", "third party provider email must be verified"),
        (LinkingNotAllowed(), "user_conflict", LinkingNotAllowed.message),
        (EmailLimitReached(), "email_maxnum", "max number of email addresses reached"),
        (
            MultipleAccounts("a@b.test"),
            "multiple_accounts",
            "cannot identify associated user: 'a@b.test' is used by multiple accounts",
        ),
        (SignUpDisabled(), "signup_disabled", "account signup is disabled"),
        (ProviderRefused("access_denied", "no"), "access_denied", "no"),
        (ProviderRefused("server_error", "a secret of theirs"), *INTERNAL),
        (ProviderUserInvalid("no subject"), *INTERNAL),
        (DatabaseUnavailable(), *INTERNAL),
    ],
    ids=lambda value: type(value).__name__,
)
def test_errors_have_the_words_of_the_original(error: HankoCompatError, code: str, description: str) -> None:
    assert refusal_of(error).parameters() == {"error": code, "error_description": description}


def test_an_error_of_a_provider_may_come_without_words() -> None:
    assert refusal_of(ProviderRefused("access_denied")).parameters() == {"error": "access_denied"}


@pytest.mark.parametrize("error", [RedirectNotAllowed("x" * 9000), ProviderRefused("e" * 9000, "x" * 9000)])
def test_what_callers_say_does_not_make_a_header_too_long(error: HankoCompatError) -> None:
    assert all(len(text) <= LONGEST for text in refusal_of(error).parameters().values())


def test_a_reason_is_told_to_the_operator_alone() -> None:
    for error in (CodeExchangeFailed("status 500"), ProviderUnavailable("status 500")):
        refusal = refusal_of(error)
        assert refusal.cause == "status 500"
        assert "500" not in str(refusal.parameters())


@pytest.fixture
def audited(make_services: Callable[..., Services]) -> Callable[[HankoCompatError], list[AuditLog]]:
    services = make_services({"audit_log.storage.enabled": True})

    def rows(error: HankoCompatError) -> list[AuditLog]:
        report(refusal_of(error), services.events, services.database, client=CALLER, provider="google")
        with services.database.connection():
            return list(AuditLog.select())

    return rows


def test_the_audit_log_has_the_cause(audited: Callable[[HankoCompatError], list[AuditLog]]) -> None:
    (row,) = audited(CodeExchangeFailed("status 500"))
    assert row.type == "thirdparty_signin_signup_failed"
    assert row.error == (
        "thirdparty: invalid_request: could not exchange authorization code for access token: status 500"
    )
    assert (row.actor_user_id, row.actor_email) == (None, None)


def test_a_long_error_is_cut_to_its_column(audited: Callable[[HankoCompatError], list[AuditLog]]) -> None:
    (row,) = audited(RedirectNotAllowed("https://example.test/" + "x" * 400))
    assert row.error.startswith("thirdparty: invalid_request: redirect to 'https://example.test/xxx")
    assert len(row.error) == 255


def test_what_is_no_fault_of_the_caller_is_told_to_the_operator(
    audited: Callable[[HankoCompatError], list[AuditLog]], caplog: pytest.LogCaptureFixture
) -> None:
    assert audited(ProviderUserInvalid("no subject")) == []
    (record,) = caplog.records
    assert vars(record)["cause"] == "the user data of the provider can't be used: no subject"
    assert vars(record)["provider"] == "google"
