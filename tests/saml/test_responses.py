"""Responses are read as the Web Browser SSO Profile says (profiles s. 4.1.4), and refused otherwise."""

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanko_compat.errors.saml import (
    SamlAttributesMissing,
    SamlIssuerMissing,
    SamlResponseIdMissing,
    SamlResponseNodeMissing,
    SamlResponseRefused,
    SamlResponseUnreadable,
    SamlStatusNotSuccess,
)
from tests.saml import signing
from tests.saml.conftest import Read, Ring
from tests.saml.identity_provider import EMAIL, Answer, IdentityProvider, encode
from tests.saml.mutations import mutate

pytestmark = pytest.mark.servers  # xmlsec1

ANY_REFUSAL = (
    SamlAttributesMissing,
    SamlIssuerMissing,
    SamlResponseIdMissing,
    SamlResponseNodeMissing,
    SamlResponseRefused,
    SamlResponseUnreadable,
    SamlStatusNotSuccess,
)
BOTH, RESPONSE, ASSERTION, NOTHING = (
    frozenset(parts) for parts in (("assertion", "response"), ("response",), ("assertion",), ())
)
FAILURE = "urn:oasis:names:tc:SAML:2.0:status:Responder"


@pytest.mark.parametrize("signed", [ASSERTION, RESPONSE, BOTH], ids=sorted)
@pytest.mark.parametrize("is_encrypted", [False, True], ids=["plain", "encrypted"])
def test_reads_what_is_signed(
    read: Read, idp: IdentityProvider, ring: Ring, signed: frozenset[str], is_encrypted: bool
) -> None:
    certificate = ring.pairs[0].certificate if is_encrypted else None
    assertion = read(idp.response(signed=signed, encrypt_for=certificate))
    assert assertion.subject == "subject-1"
    assert assertion.attributes[EMAIL] == ("alice@corp.example.test",)
    assert assertion.issuer == idp.entity_id


def test_tells_ids_and_the_end(read: Read, idp: IdentityProvider) -> None:
    answer: dict[str, Any] = {"response_id": "_r1", "assertion_id": "_a1"}
    now = datetime.now(UTC).replace(microsecond=0)
    assertion = read(idp.response(**answer, now=now, not_on_or_after=600, confirmed_not_on_or_after=120))
    assert (assertion.response_id, assertion.assertion_id) == ("_r1", "_a1")
    assert (assertion.not_on_or_after - now).total_seconds() == 120
    assert assertion.session_index == "session-1"


def test_values_of_one_name_are_put_together(read: Read, idp: IdentityProvider) -> None:
    attributes = [("groups", ["a", "b"]), (EMAIL, ["a@b.test"]), ("groups", ["c"])]
    assertion = read(idp.response(attributes=attributes))
    assert assertion.attributes == {"groups": ("a", "b", "c"), EMAIL: ("a@b.test",)}


def test_a_deflated_response_is_read(read: Read, idp: IdentityProvider) -> None:
    assert read(idp.response(is_deflated=True)).subject == "subject-1"


def test_text_of_any_kind_is_what_was_signed(read: Read, idp: IdentityProvider) -> None:
    value = "<&>\"' \t\n ä € 𝄞 ]]>"
    assert read(idp.response(attributes=[("value", [value])])).attributes["value"] == (value,)


@pytest.mark.parametrize(
    "lie",
    [
        {"audience": "urn:other"},
        {"audience": None},
        {"recipient": "https://other.example.test/saml/callback"},
        {"recipient": None},
        {"destination": "https://other.example.test/saml/callback"},
        {"request_id": "_other"},
        {"request_id": None},
        {"request_id": "_other", "confirmed_request_id": "_request"},
        {"request_id": None, "confirmed_request_id": "_request"},
        {"confirmed_request_id": "_other"},
        {"confirmed_request_id": None},
        {"issuer": "https://other.example.test"},
        {"response_issuer": "https://other.example.test"},
        {"not_on_or_after": -61},
        {"confirmed_not_on_or_after": -61},
        {"confirmed_not_on_or_after": None},
        {"session_not_on_or_after": -61},
        {"not_before": 65},
        {"issued": 65},
        {"method": "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"},
        {"signed": NOTHING},
        {"pair": signing.pair_number(2)},
        {"subject": ""},
        {"subject": "s" * 256},
    ],
    ids=lambda lie: " ".join(f"{key}={value!s:.20}" for key, value in lie.items()),
)
def test_a_lie_is_refused(read: Read, idp: IdentityProvider, lie: dict[str, Any]) -> None:
    with pytest.raises(SamlResponseRefused):
        read(idp.response(**lie))


def test_a_signed_response_must_name_its_destination(read: Read, idp: IdentityProvider) -> None:
    assert read(idp.response(destination=None)).subject
    with pytest.raises(SamlResponseRefused):
        read(idp.response(destination=None, signed=BOTH))


@pytest.mark.parametrize(
    "within",
    [
        {"not_on_or_after": -50, "confirmed_not_on_or_after": -50},
        {"session_not_on_or_after": -50},
        {"not_before": 50, "issued": 50},
    ],
    ids=lambda within: next(iter(within)),
)
def test_clocks_may_differ_by_a_minute(read: Read, idp: IdentityProvider, within: dict[str, Any]) -> None:
    assert read(idp.response(**within)).subject == "subject-1"


def test_an_answer_to_a_request_is_no_unsolicited_one(read: Read, idp: IdentityProvider) -> None:
    assert read(idp.response(request_id=None), request_id=None).subject
    with pytest.raises(SamlResponseRefused):
        read(idp.response(), request_id=None)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_id": None}, SamlResponseIdMissing),
        ({"issuer": None}, SamlIssuerMissing),
        ({"statement": False}, SamlAttributesMissing),
        ({"status": FAILURE}, SamlStatusNotSuccess),
    ],
    ids=str,
)
def test_what_is_missing_has_its_error(
    read: Read, idp: IdentityProvider, change: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        read(idp.response(**change))


def test_a_failure_names_its_status(read: Read, idp: IdentityProvider) -> None:
    with pytest.raises(SamlStatusNotSuccess) as caught:
        read(encode(idp.wrap("", Answer(status=FAILURE, signed=RESPONSE))))
    assert caught.value.reason == "Responder"


def test_another_document_is_no_response(read: Read, idp: IdentityProvider) -> None:
    with pytest.raises(SamlResponseNodeMissing):
        read(encode(idp.metadata().decode()))


def test_missing_attributes_are_allowed_by_the_option(read: Read, idp: IdentityProvider) -> None:
    assert read(idp.response(statement=False), allow_missing_attributes=True).attributes == {}


def test_without_validation_everything_but_the_signature_counts(read: Read, idp: IdentityProvider) -> None:
    assert read(idp.response(signed=NOTHING), skip_signature_validation=True).subject == "subject-1"
    with pytest.raises(SamlResponseRefused):
        read(idp.response(signed=NOTHING, audience="urn:other"), skip_signature_validation=True)


def test_any_of_the_published_certificates_counts(read: Read, idp: IdentityProvider) -> None:
    idp.pairs = [signing.pair_number(1), signing.pair_number(2)]
    assert read(idp.response(pair=idp.pairs[1])).subject == "subject-1"
    idp.pairs.pop()
    with pytest.raises(SamlResponseRefused):
        read(idp.response(pair=signing.pair_number(2)))


@pytest.mark.parametrize(
    "algorithm",
    [f"{signing.MORE}{key}-{digest}" for key in ("rsa", "ecdsa") for digest in ("sha256", "sha512")],
)
def test_algorithms_of_today_are_accepted(read: Read, idp: IdentityProvider, algorithm: str) -> None:
    if "ecdsa" in algorithm:
        idp.pairs = [signing.make_pair(ec.generate_private_key(ec.SECP256R1()))]
    assert read(idp.response(signature={"algorithm": algorithm})).subject == "subject-1"


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_document_gets_our_errors(read: Read, idp: IdentityProvider, data: st.DataObject) -> None:
    document = _documents(idp)[data.draw(st.integers(0, 2))]
    for _ in range(data.draw(st.integers(1, 3))):
        begin = data.draw(st.integers(0, len(document)))
        end = begin + data.draw(st.sampled_from([0, 1, 2, 10, 100, 1000]))
        other = data.draw(st.integers(0, len(document)))
        piece = data.draw(
            st.sampled_from(
                ["", "x", "<", ">", '"', "&", "<!---->", "<![CDATA[x]]>", "<?a?>", "\0", " ", "/>"]
            )
            | st.just(document[other : other + 200])
        )
        document = document[:begin] + piece + document[end:]
    try:
        assertion = read(encode(document))
    except ANY_REFUSAL:
        return
    # What was damaged was of no importance: between the tags, in the certificate of a signature.
    assert assertion.subject == "subject-1"
    assert assertion.attributes[EMAIL] == ("alice@corp.example.test",)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(random=st.randoms(use_true_random=False), number=st.integers(0, 2))
def test_a_document_of_another_shape_gets_our_errors(
    read: Read, idp: IdentityProvider, random: Random, number: int
) -> None:
    document = mutate(_documents(idp)[number], random)
    try:
        assertion = read(encode(document))
    except ANY_REFUSAL:
        return
    assert assertion.subject == "subject-1"
    assert assertion.attributes[EMAIL] == ("alice@corp.example.test",)


@pytest.mark.parametrize("prefix", ["xs", "xsd", "other"])
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", "text"),
        ("anyType", "text"),  # as Google writes
        ("integer", "text"),
        ("boolean", "TRUE"),
        ("date", "never"),
        ("unknown", "text"),
    ],
)
def test_the_type_of_a_value_does_not_matter(
    read: Read, idp: IdentityProvider, prefix: str, kind: str, value: str
) -> None:
    answer = Answer(assertion_id="_a1", signed=NOTHING, attributes=[("name", [value])])
    typed = (
        f'<saml:AttributeValue xmlns:{prefix}="http://www.w3.org/2001/XMLSchema" xsi:type="{prefix}:{kind}"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    )
    text = idp.assertion(answer).replace("<saml:AttributeValue>", typed)
    template = signing.signature_template("_a1")
    text = text.replace("</saml:Issuer>", f"</saml:Issuer>{template}")
    signed = signing.fill_signature(text, "_a1", idp.pairs[0])
    assert read(encode(idp.wrap(signed, answer))).attributes == {"name": (value,)}


_KEPT: dict[str, list[str]] = {}


def _documents(idp: IdentityProvider) -> list[str]:
    """Documents with a signature each, which takes too long for each example."""
    if not _KEPT:
        certificate = signing.pair_number(11).certificate
        _KEPT["all"] = [
            idp.document(not_on_or_after=3600, confirmed_not_on_or_after=3600, **more)
            for more in ({}, {"signed": RESPONSE}, {"encrypt_for": certificate})
        ]
    return _KEPT["all"]
