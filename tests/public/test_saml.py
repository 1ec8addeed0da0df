"""Log-in by SAML, from the button to the one-time token."""

import base64
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event, Semaphore
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Flask
from werkzeug.test import TestResponse

from hanko_compat.app import services_of
from hanko_compat.errors.saml import SamlNotInstalled
from hanko_compat.saml import library
from hanko_compat.services.saml import login
from hanko_compat.services.saml.certificate_rows import LIFETIME
from hanko_compat.services.saml.certificates import RENEWED_BEFORE
from hanko_compat.storage.models import (
    AuditLog,
    Delivery,
    Email,
    Identity,
    SamlIdentity,
    SamlIdpInitiatedRequest,
    SamlRequest,
    Session,
    SpentToken,
    Token,
    User,
)
from hanko_compat.wiring import Services
from hanko_compat.wiring.start import prepare
from tests.clock import FakeClock
from tests.contract.comparison import parse_cookie
from tests.factories import make_account
from tests.faults.racing import at_once
from tests.saml import signing
from tests.saml.identity_provider import EMAIL, IdentityProvider
from tests.saml_visitor import (
    ADDRESS,
    COOKIE,
    DEFAULT,
    DOMAIN,
    DONE,
    ENDPOINT,
    Visitor,
    error_of,
    person,
    place_of,
    provider,
    saml,
    token_of,
)

INTERNAL = ("server_error", "an internal error has occurred")
UNKNOWN_STATE = "could not decode state: could not decrypt state: malformed ciphertext"
UNVERIFIED = ("unverified_email", "third party provider email must be verified")


def named(value: Any) -> str:
    """How a case is called: the same in every process."""
    if not isinstance(value, dict):
        return str(value)
    return ", ".join(
        key if key == "pair" or len(str(told)) > 60 else f"{key} {told}" for key, told in value.items()
    )


@pytest.fixture
def idp() -> Iterator[IdentityProvider]:
    with IdentityProvider() as server:
        yield server


Serve = Callable[..., Visitor]


@pytest.fixture
def serve(make_app: Callable[..., Flask], idp: IdentityProvider, clock: FakeClock) -> Serve:
    """A browser at an application with changed settings: ``serve({"account.allow_signup": False})``."""

    def serve(changes: dict[str, Any] | None = None, **of_provider: Any) -> Visitor:
        app = make_app({**saml(provider(idp.base, **of_provider)), **(changes or {})})
        return Visitor(app.test_client(use_cookies=False), idp, clock)

    return serve


@pytest.fixture
def visitor(serve: Serve) -> Visitor:
    return serve()


@pytest.fixture
def count(visitor: Visitor) -> Callable[..., list[int]]:
    """How many rows tables have."""
    database = visitor.client.application.extensions["hanko_compat"].database

    def count(*models: Any) -> list[int]:
        with database.connection():
            return [model.select().count() for model in models]

    return count


def exchange(visitor: Visitor, answer: Any) -> Any:
    return visitor.client.post("/token", json={"value": token_of(answer)})


def test_a_browser_logs_in(visitor: Visitor, count: Callable[..., list[int]]) -> None:
    started = visitor.start()
    assert started.status_code == 307
    assert place_of(started)[0] == f"{visitor.idp.base}/sso"
    answer = visitor.come_back()
    assert (answer.status_code, place_of(answer)[0], answer.data) == (302, DONE, b"")
    session = exchange(visitor, answer)
    assert session.status_code == 200
    assert count(User, Identity, SamlIdentity, Session) == [1, 1, 1, 1]
    again = visitor.log_in()
    assert exchange(visitor, again).json == session.json
    assert count(User, Identity, SamlIdentity, Session) == [1, 1, 1, 2]


def test_what_the_browser_brings_may_stand_in_the_query(visitor: Visitor) -> None:
    visitor.start()
    query = urlencode({"RelayState": visitor.relay_state, "SAMLResponse": visitor.document()})
    answer = visitor.client.post(f"/saml/callback?{query}", headers={"Cookie": visitor.cookie})
    assert exchange(visitor, answer).status_code == 200


def test_what_is_written_is_what_the_original_writes(visitor: Visitor) -> None:
    visitor.log_in(subject="alice")
    services = visitor.client.application.extensions["hanko_compat"]
    with services.database.connection():
        (identity,), (link,), (email,) = Identity.select(), SamlIdentity.select(), Email.select()
    assert (identity.provider_id, identity.provider_user_id) == (visitor.idp.entity_id, "alice")
    assert (link.identity_id, link.domain) == (identity.id, DOMAIN)
    assert (email.address, email.verified) == (ADDRESS, True)
    assert '"sub":"alice"' in identity.data


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        (ENDPOINT, {"Path": "/", "Max-Age": "300", "HttpOnly": True, "SameSite": "None", "Secure": True}),
        ("http://auth.example.test", {"Path": "/", "Max-Age": "300", "HttpOnly": True}),
    ],
)
def test_the_cookie_comes_back_by_a_post_of_another_site(
    serve: Serve, endpoint: str, expected: dict[str, Any]
) -> None:
    answer = serve({"saml.endpoint_url": endpoint}).start()
    (cookie,) = [parse_cookie(line) for line in answer.headers.getlist("Set-Cookie")]
    attributes = {name: value for name, value in cookie["attributes"].items() if name != "Expires"}
    assert (cookie["name"], attributes) == (COOKIE, expected)


@pytest.mark.parametrize("endpoint", ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"])
def test_on_one_machine_a_browser_is_known_without_a_cookie(serve: Serve, endpoint: str) -> None:
    visitor = serve({"saml.endpoint_url": endpoint, "hanko_compat.trusted_proxies": ["127.0.0.1/32"]})
    assert "Set-Cookie" not in visitor.start().headers
    for other in ({"User-Agent": "another"}, {"X-Forwarded-For": "192.0.2.7"}):
        expected = (303, DEFAULT, "invalid_request", "could not verify state")
        assert error_of(visitor.come_back(**other)) == expected
    assert token_of(visitor.come_back())


def test_no_cookie_comes_with_an_error(visitor: Visitor) -> None:
    assert "Set-Cookie" not in visitor.start("https://evil.example.test/").headers


def test_two_tabs_of_a_browser_log_in(visitor: Visitor) -> None:
    visitor.start()
    first = (visitor.relay_state, visitor.document())
    visitor.start(DONE + "?tab=2")
    assert token_of(visitor.come_back())
    assert token_of(visitor.come_back(first[1], relay_state=first[0]))


@pytest.mark.parametrize("length", [200, 1900])
def test_long_redirects_work(visitor: Visitor, length: int) -> None:
    url = "https://one.app.example.test/" + "x" * length
    visitor.start(url)
    assert len(visitor.relay_state) <= 80
    assert place_of(visitor.come_back())[0] == url


def test_the_query_of_the_redirect_stays(visitor: Visitor) -> None:
    visitor.start("https://one.app.example.test/a?x=1&hanko_token=old#part")
    location = visitor.come_back().headers["Location"]
    assert location.startswith("https://one.app.example.test/a?hanko_token=old&hanko_token=")
    assert location.endswith("&x=1#part")


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("domain=corp.example.test&redirect_to=nonsense", "RedirectTo must be a valid URL"),
        ("domain=-.test&redirect_to=https://x.test", "something wrong on Domain; fqdn"),
        ("domain=a.b.1&redirect_to=https://x.test", "something wrong on Domain; fqdn"),
        ("domain=corp.example.test%0d%0a&redirect_to=https://x.test", "something wrong on Domain; fqdn"),
        ("domain=nonsense", "something wrong on Domain; fqdn and RedirectTo is a required field"),
    ],
)
def test_parameters_have_their_form(visitor: Visitor, query: str, problem: str) -> None:
    answer = visitor.client.get(f"/saml/auth?{query}")
    assert error_of(answer) == (303, DEFAULT, "invalid_request", f"code=400, message={problem}")


@pytest.mark.parametrize(
    ("referer", "place"),
    [
        ("http://localhost:8888/login?next=1", "http://localhost:8888/login"),
        ("http://localhost:8889/login", DEFAULT),
        ("https://evil.example.test/", DEFAULT),
        ("http://localhost:8888@evil.example.test/", DEFAULT),
        ("javascript:alert(1)", DEFAULT),
    ],
)
def test_errors_go_to_pages_of_allowed_sites_only(visitor: Visitor, referer: str, place: str) -> None:
    answer = visitor.start(domain="other.example.test", headers={"Referer": referer})
    expected = (303, place, "invalid_request", "unknown provider for domain other.example.test")
    assert error_of(answer) == expected
    assert ("next" in place_of(answer)[1]) == ("next" in referer)


def test_a_redirect_that_is_not_allowed_is_an_internal_error_as_recorded(visitor: Visitor) -> None:
    assert error_of(visitor.start("https://evil.example.test/")) == (303, DEFAULT, *INTERNAL)


@pytest.mark.parametrize("step", ["nobody asked", "no cookie", "cookie of another", "too late", "used"])
def test_a_state_is_of_one_browser_for_five_minutes_and_once(
    visitor: Visitor, clock: FakeClock, count: Callable[..., list[int]], step: str
) -> None:
    visitor.start()
    document, relay_state, description = None, None, ""
    match step:
        case "nobody asked":
            relay_state, description = "hanko_spi_" + "x" * 43, UNKNOWN_STATE
        case "no cookie":
            visitor.cookie, description = "", "expected state must not be empty"
        case "cookie of another":
            visitor.cookie, description = f"{COOKIE}={'x' * 43}", "could not verify state"
        case "too late":
            clock.advance(minutes=5)
            description = "state is expired"
        case "used":
            document, description = visitor.document(), UNKNOWN_STATE
            assert token_of(visitor.come_back(document))
    before = count(User, Token, SpentToken)
    answer = visitor.come_back(document, relay_state=relay_state)
    assert error_of(answer) == (303, DEFAULT, "invalid_request", description)
    assert count(User, Token, SpentToken) == before


@pytest.mark.parametrize(
    "lie",
    [
        {"signed": frozenset()},
        {"pair": signing.pair_number(2)},
        {"audience": "urn:other"},
        {"audience": None},
        {"recipient": "https://other.example.test/saml/callback"},
        {"destination": "https://other.example.test/saml/callback"},
        {"request_id": "_other"},
        {"request_id": None},
        {"confirmed_request_id": "_other"},
        {"issuer": "https://other.example.test"},
        {"not_on_or_after": -61, "confirmed_not_on_or_after": -61},
        {"not_before": 62},
        {"status": "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"},
        {"statement": False},
        {"attributes": (("department", ("x",)),)},
        {"attributes": ((EMAIL, ("not an address",)), ("email_verified", ("true",)))},
        {"subject": "x" * 256},
    ],
    ids=named,
)
def test_with_a_state_no_lie_is_told_apart(
    visitor: Visitor, count: Callable[..., list[int]], lie: dict[str, Any]
) -> None:
    expected = UNVERIFIED if "department" in str(lie) else INTERNAL
    assert error_of(visitor.log_in(**lie)) == (303, DONE, *expected)
    assert count(User, Email, Identity, SamlIdentity, Token) == [0] * 5


@pytest.mark.parametrize(
    "slip",
    [
        {"not_on_or_after": -50, "confirmed_not_on_or_after": -50},
        {"not_before": 50, "issued": 50},
        {"signed": frozenset({"response"})},
        {"signed": frozenset({"response", "assertion"})},
        {"is_deflated": True},
    ],
    ids=["ended a moment ago", "begins in a moment", "response signed", "both signed", "deflated"],
)
def test_what_may_differ_between_servers(visitor: Visitor, slip: dict[str, Any]) -> None:
    assert token_of(visitor.log_in(**slip))


def test_an_encrypted_assertion_is_read(visitor: Visitor) -> None:
    pem = visitor.client.get(f"/saml/metadata?domain={DOMAIN}&cert_only=1").text
    assert token_of(visitor.log_in(encrypt_for=pem))


@pytest.mark.parametrize("document", ["!", "PHNhbWw+", "x" * 1000], ids=["no base64", "no XML", "noise"])
def test_noise_is_an_internal_error_with_a_state(
    visitor: Visitor, document: str, caplog: pytest.LogCaptureFixture
) -> None:
    visitor.start()
    assert error_of(visitor.come_back(document)) == (303, DONE, *INTERNAL)
    (record,) = [each for each in caplog.records if each.msg == "third_party_login_failed"]
    assert vars(record)["provider"] == DOMAIN


def test_a_post_without_a_response_uses_nothing_up_and_may_be_anybodys(visitor: Visitor) -> None:
    visitor.start()
    cookie, visitor.cookie = visitor.cookie, ""
    assert error_of(visitor.come_back("")) == (303, DONE, *INTERNAL)
    visitor.cookie = cookie
    assert token_of(visitor.come_back())


def test_both_values_may_come_in_the_query(visitor: Visitor) -> None:
    visitor.start()
    query = {"RelayState": visitor.relay_state, "SAMLResponse": visitor.document()}
    headers = {"Cookie": visitor.cookie}
    assert token_of(visitor.client.post("/saml/callback", query_string=query, headers=headers))


@pytest.mark.parametrize(("content_type", "status"), [("application/json", 415), ("text/plain", 415)])
def test_it_is_a_form(visitor: Visitor, content_type: str, status: int) -> None:
    answer = visitor.client.post("/saml/callback", data=b"{}", content_type=content_type)
    assert answer.status_code == status


@pytest.mark.parametrize("verified", ["false", "TRUE", "1", None])
def test_an_address_has_to_be_verified(
    visitor: Visitor, count: Callable[..., list[int]], verified: str | None
) -> None:
    assert error_of(visitor.log_in(**person(verified=verified))) == (303, DONE, *UNVERIFIED)
    assert count(User, Identity) == [0, 0]


def test_the_operator_can_vouch_for_a_provider(serve: Serve) -> None:
    assert token_of(serve(skip_email_verification=True).log_in(**person(verified=None)))


@pytest.mark.parametrize(
    ("changes", "address", "may"),
    [
        ({}, "alice@corp.example.test", True),
        ({}, "ALICE@Corp.Example.Test", True),
        ({}, "alice@example.test", True),
        ({}, "alice@test", False),
        ({}, "alice@sub.corp.example.test", False),
        ({}, "alice@notcorp.example.test", False),
        ({}, "alice@xample.test", False),
        ({}, "alice@other.example.test", False),
        ({}, "alice@corp.example.test.evil.test", False),
        ({"hanko_compat.saml.allow_parent_domain": False}, "alice@corp.example.test", True),
        ({"hanko_compat.saml.allow_parent_domain": False}, "alice@example.test", False),
        ({"email.require_verification": False}, "alice@other.example.test", False),
    ],
)
def test_a_provider_vouches_for_its_domain(
    serve: Serve, changes: dict[str, Any], address: str, *, may: bool
) -> None:
    answer = serve(changes).log_in(**person(address))
    assert bool(token_of(answer)) is may
    if not may:
        assert error_of(answer)[2] in ("unverified_email", "server_error")


def test_a_known_account_has_no_other_domain_either(visitor: Visitor) -> None:
    assert token_of(visitor.log_in())
    assert error_of(visitor.log_in(**person("alice@other.example.test"))) == (303, DONE, *UNVERIFIED)


def test_existing_users_are_linked_by_an_address_of_the_domain_itself(
    visitor: Visitor, count: Callable[..., list[int]]
) -> None:
    services = visitor.client.application.extensions["hanko_compat"]
    with services.database.connection():
        account = make_account(address=ADDRESS)
        make_account(address="bob@example.test")
    answer = exchange(visitor, visitor.log_in())
    assert answer.json == {"user_id": str(account.user_id)}
    refused = visitor.log_in(subject="bob", **person("bob@example.test"))
    assert error_of(refused)[2] == "user_conflict"
    assert count(User, Identity) == [2, 1]


def test_sign_up_may_be_off(serve: Serve) -> None:
    answer = serve({"account.allow_signup": False}).log_in()
    assert error_of(answer)[2] == "signup_disabled"


def test_a_second_subject_of_the_domain_replaces_the_first(
    visitor: Visitor, count: Callable[..., list[int]]
) -> None:
    visitor.log_in(subject="first")
    visitor.log_in(subject="second")
    assert count(User, Identity, SamlIdentity) == [1, 1, 1]


# Responses that nobody asked for.

UNSOLICITED = {"hanko_compat.saml.allow_unsolicited": True}


def test_by_default_only_asked_for_responses_are_taken(
    visitor: Visitor, count: Callable[..., list[int]]
) -> None:
    answer = visitor.come_back(visitor.document(request_id=None), relay_state="")
    assert error_of(answer)[:3] == (303, DEFAULT, "invalid_request")
    assert "nobody asked" in error_of(answer)[3]
    assert count(User, SamlIdpInitiatedRequest) == [0, 0]


def test_where_enabled_an_unsolicited_response_goes_to_the_default(serve: Serve) -> None:
    visitor = serve(UNSOLICITED)
    document = visitor.document(request_id=None)
    answer = visitor.come_back(document, relay_state="https://evil.example.test/")
    assert (answer.status_code, place_of(answer)[0]) == (302, DEFAULT)
    assert exchange(visitor, answer).status_code == 200
    again = visitor.come_back(document, relay_state="")
    assert error_of(again) == (303, DEFAULT, "invalid_request", "the saml response was used before")


@pytest.mark.parametrize(
    ("lie", "description"),
    [
        ({"signed": frozenset()}, "could not get assertion info"),
        ({"pair": signing.pair_number(2)}, "could not get assertion info"),
        ({"audience": "urn:other"}, "could not get assertion info"),
        ({"request_id": "_request"}, "could not get assertion info"),
        ({"not_on_or_after": -100, "confirmed_not_on_or_after": -100}, "could not get assertion info"),
        ({"issuer": "urn:other", "response_issuer": "urn:other"}, "could not get assertion info"),
        ({"response_id": None}, "invalid saml response: no ID for response present"),
        ({"issuer": None, "response_issuer": None}, "invalid saml response: no issuer node present"),
    ],
    ids=named,
)
def test_of_an_unsolicited_response_a_browser_is_told_as_recorded(
    serve: Serve, lie: dict[str, Any], description: str
) -> None:
    visitor = serve(UNSOLICITED)
    answer = visitor.come_back(visitor.document(**{"request_id": None, **lie}), relay_state="")
    assert error_of(answer) == (303, DEFAULT, "invalid_request", description)


@pytest.mark.parametrize(
    ("document", "description"),
    [
        ("", "could not parse saml response"),
        ("!", "could not parse saml response"),
        ("PGEvPg==", "invalid saml response: no response node present"),
    ],
)
def test_noise_is_named_as_recorded_whatever_is_enabled(
    visitor: Visitor, document: str, description: str
) -> None:
    answer = visitor.come_back(document, relay_state="")
    assert error_of(answer) == (303, DEFAULT, "invalid_request", description)


def test_a_signed_assertion_in_a_new_response_is_the_same(serve: Serve) -> None:
    visitor = serve(UNSOLICITED)
    documents = [visitor.document(request_id=None, assertion_id="_same") for _ in range(2)]
    first, second = (visitor.come_back(document, relay_state="") for document in documents)
    assert token_of(first)
    assert error_of(second)[3] == "the saml response was used before"


def test_twenty_at_once_with_one_response_get_one_token(visitor: Visitor) -> None:
    visitor.start()
    document = visitor.document()
    answers = at_once([lambda: visitor.come_back(document)] * 20)
    assert sorted(bool(token_of(answer)) for answer in answers) == [False] * 19 + [True]


def test_twenty_at_once_that_nobody_asked_for_get_one_token(serve: Serve) -> None:
    visitor = serve(UNSOLICITED)
    document = visitor.document(request_id=None)
    answers = at_once([lambda: visitor.come_back(document, relay_state="")] * 20)
    assert sorted(bool(token_of(answer)) for answer in answers) == [False] * 19 + [True]


# Identity providers that change, and what frontends are told.


def test_a_renewed_certificate_is_known_at_once(visitor: Visitor, clock: FakeClock) -> None:
    assert token_of(visitor.log_in())
    visitor.idp.pairs = [signing.pair_number(2)]
    clock.advance(minutes=1)
    assert token_of(visitor.log_in())


def test_a_provider_that_was_down_is_known_without_a_restart(visitor: Visitor, clock: FakeClock) -> None:
    visitor.idp.status = 503
    expected = (303, DEFAULT, "invalid_request", f"unknown provider for domain {DOMAIN}")
    assert error_of(visitor.start()) == expected
    assert visitor.client.get(f"/saml/provider?domain={DOMAIN}").status_code == 404
    assert visitor.client.get(f"/saml/metadata?domain={DOMAIN}").status_code == 200
    visitor.idp.status = 200
    clock.advance(minutes=1)
    assert token_of(visitor.log_in())


def test_several_providers_by_domain(
    make_app: Callable[..., Flask], idp: IdentityProvider, clock: FakeClock
) -> None:
    with IdentityProvider(pairs=[signing.pair_number(2)]) as other:
        settings = saml(provider(idp.base), provider(other.base, domain="other.example.test"))
        visitor = Visitor(make_app(settings).test_client(use_cookies=False), other, clock)
        visitor.start(domain="other.example.test")
        assert token_of(visitor.come_back(visitor.document(**person("bob@other.example.test"))))
        visitor.start(domain=DOMAIN)  # and the answer of the other one
        assert error_of(visitor.come_back()) == (303, DONE, *INTERNAL)


def test_frontends_are_told_of_a_provider(serve: Serve) -> None:
    visitor = serve(skip_email_verification=True, attribute_map={"nickname": "nick"})
    told = visitor.client.get(f"/saml/provider?domain={DOMAIN}").json
    claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
    assert told == {
        "enabled": True,
        "name": "Stub IdP",
        "domain": DOMAIN,
        "metadata_url": f"{visitor.idp.base}/metadata",
        "skip_email_verification": True,
        "attribute_map": {
            "email": f"{claims}/emailaddress",
            "family_name": f"{claims}/surname",
            "given_name": f"{claims}/givenname",
            "name": f"{claims}/name",
            "nickname": "nick",
        },
    }


@pytest.mark.parametrize("flag", ["1", "t", "T", "TRUE", "true", "True"])
def test_the_certificate_alone(visitor: Visitor, flag: str) -> None:
    answer = visitor.client.get(f"/saml/metadata?domain={DOMAIN}&cert_only={flag}")
    assert answer.text.startswith("-----BEGIN CERTIFICATE-----\n")
    assert answer.headers["Content-Disposition"] == "attachment; filename=Conformance-service-provider.pem"


def test_both_certificates_are_shown_while_one_is_renewed(visitor: Visitor, clock: FakeClock) -> None:
    place = f"/saml/metadata?domain={DOMAIN}"
    old = visitor.client.get(f"{place}&cert_only=1").text
    clock.advance(seconds=(LIFETIME - RENEWED_BEFORE).total_seconds())
    both = visitor.client.get(f"{place}&cert_only=1").text
    assert both.startswith(old)
    new = both.removeprefix(old)
    published = visitor.client.get(place).text
    for pem in (old, new):
        (certificate,) = x509.load_pem_x509_certificates(pem.encode())
        assert base64.b64encode(certificate.public_bytes(Encoding.DER)).decode() in published
        assert token_of(visitor.log_in(encrypt_for=pem))


@pytest.mark.parametrize("flag", ["", "0", "false", "F"])
def test_the_metadata_of_this_server(visitor: Visitor, flag: str) -> None:
    answer = visitor.client.get(f"/saml/metadata?domain={DOMAIN}&cert_only={flag}")
    assert f'entityID="{ENDPOINT}"' in answer.text
    assert f"{ENDPOINT}/saml/callback" in answer.text


def test_a_service_name_can_not_break_the_header(serve: Serve) -> None:
    visitor = serve({"service.name": 'A "B"; filename=evil.html'})
    answer = visitor.client.get(f"/saml/metadata?domain={DOMAIN}")
    assert answer.headers["Content-Disposition"] == "attachment; filename=A-B-filename-evil.html-metadata.xml"


def test_neither_secrets_nor_documents_reach_the_log(
    serve: Serve, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    visitor = serve(UNSOLICITED)
    visitor.start()
    document = visitor.document(pair=signing.pair_number(2))
    visitor.come_back(document)
    visitor.come_back(document, relay_state="")
    answer = visitor.log_in()
    written = str([vars(record) for record in caplog.records]) + capsys.readouterr().out
    assert "third" in written
    secrets = (visitor.relay_state, visitor.cookie.partition("=")[2], token_of(answer), document[100:160])
    assert [secret for secret in secrets if secret in written] == []


def test_the_log_says_why_the_provider_has_logged_nobody_in(
    visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    visitor.log_in(status="urn:oasis:names:tc:SAML:2.0:status:RequestDenied")
    causes = [vars(record)["cause"] for record in caplog.records if "cause" in vars(record)]
    assert causes == ["the identity provider has refused the log-in: RequestDenied"]


def test_the_audit_log_has_log_ins_and_what_was_refused(serve: Serve) -> None:
    visitor = serve({"audit_log.storage.enabled": True})
    visitor.log_in()
    visitor.log_in(**person(verified="false"))
    visitor.start(domain="other.example.test")
    visitor.log_in(signed=frozenset())  # an internal error is not there, as recorded
    services = visitor.client.application.extensions["hanko_compat"]
    with services.database.connection():
        rows = [(row.type, row.error) for row in AuditLog.select().order_by(AuditLog.created_at)]
    assert sorted(rows, key=str) == [
        ("thirdparty_signin_signup_failed",
         "thirdparty: invalid_request: unknown provider for domain other.example.test"),
        ("thirdparty_signin_signup_failed",
         "thirdparty: unverified_email: third party provider email must be verified"),
        ("thirdparty_signup_succeeded", None),
    ]  # fmt: skip


def test_webhooks_are_told_of_users_who_come_by_saml(serve: Serve) -> None:
    hook = {"callback": "https://hook.example.test/", "events": ["user"]}
    visitor = serve({"webhooks": {"enabled": True, "hooks": [hook]}})
    visitor.log_in()
    services = visitor.client.application.extensions["hanko_compat"]
    with services.database.connection():
        kinds = [row.kind for row in Delivery.select()]
    assert kinds == ["user.create"]


def test_without_pysaml2_the_server_does_not_start(
    make_services: Callable[..., Services], idp: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = make_services(saml(provider(idp.base)))
    monkeypatch.setattr(library, "find_spec", lambda _: None)
    with pytest.raises(SamlNotInstalled, match="pysaml2"):
        prepare(services)


@pytest.mark.slow
def test_a_server_without_saml_loads_nothing_of_it() -> None:
    code = (
        "import sys, hanko_compat.cli.server; sys.exit(any(name.startswith('saml2') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_start_neither_fetches_metadata_nor_fails_without(
    make_services: Callable[..., Services], idp: IdentityProvider
) -> None:
    idp.status = 503
    prepare(make_services(saml(provider(idp.base))))
    assert idp.received == []


HIJACKED = "evil.example.test"


@pytest.fixture
def impostor(idp: IdentityProvider) -> Iterator[IdentityProvider]:
    """The server of another company, which says that it is *idp*, and shows the certificate of that, too."""
    with IdentityProvider(pairs=[signing.pair_number(5), *idp.pairs]) as server:
        server.entity_id = idp.entity_id
        yield server


def test_accounts_of_a_company_are_not_open_to_another_one_that_takes_its_name(
    make_app: Callable[..., Flask], idp: IdentityProvider, impostor: IdentityProvider, clock: FakeClock
) -> None:
    app = make_app(saml(provider(idp.base), provider(impostor.base, domain=HIJACKED)))
    client = app.test_client(use_cookies=False)
    victim, attacker = Visitor(client, idp, clock), Visitor(client, impostor, clock)
    assert token_of(victim.log_in(subject="alice"))
    attacker.start(domain=HIJACKED)
    answer = attacker.come_back(attacker.document(subject="alice", **person(f"x@{HIJACKED}")))
    assert error_of(answer)[2:] == INTERNAL
    assert not token_of(answer)
    # Of its own people it brings whom it likes.
    attacker.start(domain=HIJACKED)
    assert token_of(attacker.come_back(attacker.document(subject="bob", **person(f"x@{HIJACKED}"))))
    assert token_of(victim.log_in(subject="alice"))


def test_people_of_two_domains_of_one_server_stay_who_they_are(
    make_app: Callable[..., Flask], idp: IdentityProvider, clock: FakeClock
) -> None:
    app = make_app(saml(provider(idp.base), provider(idp.base, domain="other.example.test")))
    visitor = Visitor(app.test_client(use_cookies=False), idp, clock)
    first = exchange(visitor, visitor.log_in(subject="alice"))
    visitor.start(domain="other.example.test")
    moved = visitor.come_back(visitor.document(subject="alice", **person("alice@other.example.test")))
    assert exchange(visitor, moved).json == first.json


@pytest.mark.parametrize("is_impostor_first", [True, False])
def test_an_unsolicited_response_is_verified_by_the_provider_of_its_address(
    make_app: Callable[..., Flask],
    idp: IdentityProvider,
    impostor: IdentityProvider,
    clock: FakeClock,
    is_impostor_first: bool,
) -> None:
    providers = [provider(idp.base), provider(impostor.base, domain=HIJACKED)]
    app = make_app({**saml(*providers[:: -1 if is_impostor_first else 1]), **UNSOLICITED})
    client = app.test_client(use_cookies=False)
    victim, attacker = Visitor(client, idp, clock), Visitor(client, impostor, clock)
    forged = attacker.come_back(attacker.document(subject="mallory", request_id=None), relay_state="")
    assert not token_of(forged)
    assert token_of(victim.come_back(victim.document(request_id=None), relay_state=""))


@pytest.mark.parametrize("changes", [None, UNSOLICITED])
def test_a_response_without_an_end_in_sight(serve: Serve, changes: dict[str, Any] | None) -> None:
    """Some servers write the last moment that there is; it is taken once like others."""
    visitor = serve(changes)
    visitor.start()
    left = (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - visitor._now()).total_seconds()
    request = {} if changes is None else {"request_id": None}
    document = visitor.document(not_on_or_after=left, confirmed_not_on_or_after=left, **request)
    relay_state = visitor.relay_state if changes is None else ""
    assert token_of(visitor.come_back(document, relay_state=relay_state))
    assert not token_of(visitor.come_back(document, relay_state=relay_state))


def test_a_flood_of_responses_leaves_threads_for_others(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who finds no place may come again with the same response."""
    gate, inside = Event(), Semaphore(0)
    real = login.claimed_issuer

    def slow(document: str) -> str:
        inside.release()
        assert gate.wait(30)
        return real(document)

    monkeypatch.setattr(login, "claimed_issuer", slow)
    visitor.start()
    document = visitor.document()
    with ThreadPoolExecutor(login.AT_ONCE) as pool:
        flood = [pool.submit(visitor.come_back, "PGEvPg==", relay_state="") for _ in range(login.AT_ONCE)]
        try:
            assert all(inside.acquire(timeout=30) for _ in flood)
            assert error_of(visitor.come_back("PGEvPg==", relay_state=""))[2] == "server_error"
            assert error_of(visitor.come_back(document))[2] == "server_error"
        finally:
            gate.set()
        assert [error_of(each.result())[2] for each in flood] == ["invalid_request"] * login.AT_ONCE
    assert token_of(visitor.come_back(document))


def test_a_client_leaves_a_bounded_number_of_requests(serve: Serve) -> None:
    visitor = serve(
        {
            "rate_limiter.enabled": True,
            "hanko_compat.trusted_proxies": ["127.0.0.1/32"],
            "hanko_compat.limits.provider_logins.tokens": 2,
        }
    )

    def start(client_address: str) -> TestResponse:
        return visitor.start(headers={"X-Forwarded-For": client_address})

    answers = [start("198.51.100.7") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [307, 307, 429, 429]
    assert answers[-1].json == {"code": 429, "message": "Too Many Requests"}
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    with services_of(visitor.client.application).database.connection():
        assert SamlRequest.select().count() == 2
    assert start("198.51.100.8").status_code == 307


def test_a_response_that_a_limit_refuses_can_still_be_brought(serve: Serve, clock: FakeClock) -> None:
    visitor = serve({"rate_limiter.enabled": True, "hanko_compat.limits.provider_logins.tokens": 1})
    forged = visitor.client.post("/saml/callback", data={"RelayState": "hanko_spi_", "SAMLResponse": "x"})
    visitor.start()
    refused = visitor.come_back()
    clock.advance(seconds=int(refused.headers["Retry-After"]))
    assert [forged.status_code, refused.status_code] == [303, 429]
    assert place_of(visitor.come_back())[0] == DONE
