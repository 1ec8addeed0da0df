"""Which attribute holds which claim."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hanko_compat.config.third_party import AttributeMap, IdentityProvider
from hanko_compat.saml.assertion import Assertion
from hanko_compat.services.saml.attribute_maps import read_user
from tests.services.saml.documented import CLAIMS, SERVERS

ISSUER = "https://idp.example.test/metadata"
PROVIDER = IdentityProvider(
    attribute_map=AttributeMap(email_verified="email_verified"), domain="corp.example.test", enabled=True
)
EMAIL = f"{CLAIMS}/emailaddress"


def assertion(*attributes: tuple[str, str]) -> Assertion:
    """What a response says; values of one name are collected as the reader of responses does."""
    collected: dict[str, tuple[str, ...]] = {}
    for name, value in attributes:
        collected[name] = (*collected.get(name, ()), value)
    return Assertion(
        response_id="_response",
        assertion_id="_assertion",
        issuer=ISSUER,
        subject="alice",
        attributes=collected,
        not_on_or_after=datetime(2026, 1, 1, tzinfo=UTC),
    )


def mapped(**names: str) -> IdentityProvider:
    return replace(PROVIDER, attribute_map=replace(PROVIDER.attribute_map, **names))


@pytest.mark.parametrize("server", SERVERS)
def test_common_servers_are_read_without_a_map(server: str) -> None:
    sent, names = SERVERS[server]
    user = read_user(assertion(*sent), PROVIDER)
    assert (user.provider_id, user.subject, user.email) == (ISSUER, "alice", "alice@corp.example.test")
    assert (user.name, user.given_name, user.family_name) == names
    assert not user.is_email_verified


def test_hankos_default_name_wins_over_those_of_servers() -> None:
    sent = assertion(("email", "other@corp.example.test"), (EMAIL, "alice@corp.example.test"))
    assert read_user(sent, PROVIDER).email == "alice@corp.example.test"


def test_a_name_of_the_operator_is_the_only_one() -> None:
    sent = assertion(("email", "self-service@corp.example.test"), (EMAIL, "other@corp.example.test"))
    assert read_user(sent, mapped(email="workMail")).email is None


@pytest.mark.parametrize(
    ("values", "is_verified"),
    [
        (["true"], True),
        (["true", "true"], True),
        ([" true\n"], True),
        (["TRUE"], False),
        (["True"], False),
        (["1"], False),
        (["yes"], False),
        (["false"], False),
        (["true", "false"], False),
        (["false", "true"], False),
        ([""], False),
        ([], False),
    ],
    ids=repr,
)
def test_only_the_text_true_verifies(values: list[str], is_verified: bool) -> None:
    sent = assertion((EMAIL, "alice@corp.example.test"), *(("email_verified", each) for each in values))
    user = read_user(sent, PROVIDER)
    assert user.is_email_verified is is_verified
    assert user.claims.get("email_verified", False) is is_verified


def test_no_attribute_verifies_by_default() -> None:
    sent = assertion((EMAIL, "alice@corp.example.test"), ("email_verified", "true"))
    assert not read_user(sent, mapped(email_verified="")).is_email_verified


def test_the_operator_can_vouch_for_all_addresses_of_a_provider() -> None:
    sent = assertion((EMAIL, "alice@corp.example.test"), ("email_verified", "false"))
    assert read_user(sent, replace(PROVIDER, skip_email_verification=True)).is_email_verified


def test_no_address_is_none_and_verifies_nothing() -> None:
    user = read_user(assertion((EMAIL, "  "), ("email_verified", "true")), PROVIDER)
    assert user.email is None
    assert "email_verified" not in user.claims


def test_every_mapped_attribute_is_a_claim() -> None:
    names = {name: f"urn:{name}" for name in vars(AttributeMap())}
    sent = assertion(
        *((attribute, "true" if "verified" in name else name) for name, attribute in names.items())
    )
    claims = read_user(sent, mapped(**names)).claims
    expected = {name: True if "verified" in name else name for name in names if name != "zone_info"}
    assert claims == {"iss": ISSUER, "sub": "alice", "zoneinfo": "zone_info", **expected}


def test_what_is_not_mapped_is_not_kept() -> None:
    sent = assertion((EMAIL, "alice@corp.example.test"), ("http://schemas.xmlsoap.org/claims/Group", "Staff"))
    assert read_user(sent, PROVIDER).claims == {
        "iss": ISSUER, "sub": "alice", "email": "alice@corp.example.test",
    }  # fmt: skip
