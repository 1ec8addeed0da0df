import datetime
import logging
from uuid import UUID

import pytest

from hanko_compat.jose import claim_templates
from hanko_compat.jose.claim_templates import ClaimTemplates
from hanko_compat.jose.session_token import TokenEmail, TokenSubject

USER = UUID("08027c2a-f1e1-4579-9bd4-376d54a54b84")
ALICE = TokenSubject(
    USER,
    TokenEmail("alice@example.test", is_primary=True, is_verified=True),
    "alice",
    name="Alice Liddell",
    given_name="Alice",
    family_name="Liddell",
    picture="https://img.example.test/alice.png",
    public_metadata={
        "role": "admin",
        "plan": {"name": "pro"},
        "seats": 3,
        "beta": True,
        "a.b": "dotted",
        "games": [{"name": "Go", "hours": 142.3}, {"name": "Chess", "hours": 87}],
    },
    unsafe_metadata={"theme": "dark"},
)
NOBODY = TokenSubject(USER)


def render(value, subject=ALICE):
    """The claim ``claim`` with *value* as its template; absent when it was left out."""
    return ClaimTemplates({"claim": value}).render(subject).get("claim", "absent")


def test_the_recorded_claims():
    claims = {
        "role": "user",
        "level": 3,
        "mail": "{{ .User.Email.Address }}",
        "verified": "{{ .User.Email.IsVerified }}",
        "nested": {"source": "conformance", "owner": "{{ .User.UserID }}"},
        "list": ["read", "{{if .User.Email.IsVerified}}write{{end}}"],
        "broken": "{{ .User.Nothing }}",
        "sub": "overwritten",
    }
    assert ClaimTemplates(claims).render(ALICE) == {
        "role": "user",
        "level": 3,
        "mail": "alice@example.test",
        "verified": True,
        "nested": {"source": "conformance", "owner": str(USER)},
        "list": ["read", "write"],
    }


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ .User.Username }}", "alice"),
        ("{{ .User.Email.IsPrimary }}", True),
        ("{{ not .User.Email.IsVerified }}", False),
        ("{{ .User.Email.IsVerified }}\n", True),
        ('{{ .User.Metadata.Public "role" }}', "admin"),
        ('{{ .User.Metadata.Public "plan.name" }}', "pro"),
        ('{{ .User.Metadata.Public "plan" }}', {"name": "pro"}),
        ('plan: {{ .User.Metadata.Public "plan" }}', 'plan: {"name":"pro"}'),
        ('{{ .User.Metadata.Public "games.#.name" }}', ["Go", "Chess"]),
        ('{{ .User.Metadata.Public "games.#(hours>100)" }}', {"name": "Go", "hours": 142.3}),
        ('{{ .User.Metadata.Public "games.#(hours<100)#.name" }}', ["Chess"]),
        ("{{ .User.Name }}", "Alice Liddell"),
        ("{{ .User.GivenName }}/{{ .User.FamilyName }}", "Alice/Liddell"),
        ("{{ .User.Picture }}", "https://img.example.test/alice.png"),
        ("{{ .User.Email }}", "{alice@example.test true true}"),
        ("{{ if .User.Metadata }}yes{{ else }}no{{ end }}", "yes"),
        ('{"a": "{{ .User.Username }}", "b": [1, 2.0]}', {"a": "alice", "b": [1, 2]}),
        ('["{{ .User.Username }}", {{ .User.Email.IsVerified }}]', ["alice", True]),
        ('{"a": {{ .User.Username }}}', '{"a": alice}'),
        (r'{{ .User.Metadata.Public "a\\.b" }}', "dotted"),
        ("{{ .User.Metadata.Public.plan.name }}", "pro"),
        ('{{ .User.Metadata.Public "seats" }}', "3"),
        ('{{ .User.Metadata.Public "beta" }}', True),
        ('{{ .User.Metadata.Public "nothing" }}', ""),
        ('{{ .User.Metadata.Unsafe "theme" }}', "dark"),
        ('{{ if eq (.User.Metadata.Public "role") "admin" }}yes{{ else }}no{{ end }}', "yes"),
        ('{{ if .User.Username }}{{ printf "%s/%s" .User.Username .User.UserID }}{{ end }}', f"alice/{USER}"),
    ],
)
def test_what_a_template_prints(template, value):
    assert render(template) == value


@pytest.mark.parametrize(
    "value",
    [
        "text",
        "3",
        "null",
        "",
        " a ",
        3,
        1.5,
        True,
        False,
        None,
        ["a", 1],
        {"a": {"b": [None]}},
        "}} no template",
    ],
)
def test_values_keep_their_type(value):
    assert render(value) == value


def test_texts_and_values_are_typed_at_any_depth():
    claims = {1: ['["a"]', datetime.date(2026, 1, 2), {"b": "true"}]}
    assert render(claims) == {"1": [["a"], "2026-01-02T00:00:00Z", {"b": True}]}


@pytest.mark.parametrize(
    "value",
    [
        "{{ .User.Nothing }}",
        "{{ .User }}",
        "{{ .User.Metadata }}",
        "{{ .User.Metadata.Public }}",
        "{{ .User.Metadata.Private }}",
        '{{ .User.Metadata.Private "a" }}',
        "{{ .User",
        "{{ exec }}",
        {"inner": "{{ .User.Nothing }}"},
        ["{{ .Nothing }}"],
        float("inf"),
        b"bytes",
    ],
    ids=str,
)
def test_a_claim_that_fails_is_left_out_and_logged(value, caplog):
    caplog.set_level(logging.WARNING)
    claims = ClaimTemplates({"claim": value, "other": "stays"}).render(ALICE)
    assert claims == {"other": "stays"}
    assert [record.claim for record in caplog.records] == ["claim"]


def test_a_user_without_an_address_or_name():
    assert render("{{ .User.Email.Address }}", NOBODY) == "absent"
    assert render("{{ if .User.Email }}yes{{ else }}no{{ end }}", NOBODY) == "no"
    assert render("{{ .User.Username }}", NOBODY) == ""


@pytest.mark.parametrize(
    "template",
    [
        "{{ .User.Username }}",
        "{{ .User.Name }}",
        "{{ .User.GivenName }}",
        "{{ .User.FamilyName }}",
        "{{ .User.Picture }}",
        "{{ .User.Metadata }}",
        '{{ .User.Metadata.Public "role" }}',
        '{{ .User.Metadata.Public "games.#(hours>100).name" }}',
        '{{ .User.Metadata.Unsafe "theme" }}',
        "{{ if .User.Metadata }}yes{{ end }}",
    ],
)
def test_what_a_user_does_not_have_is_empty(template):
    assert render(template, NOBODY) == ""


@pytest.mark.parametrize("name", sorted(claim_templates.ALWAYS_THERE))
def test_what_every_token_has_can_not_be_set(name, caplog):
    assert ClaimTemplates({name: "mine"}).render(NOBODY) == {}
    assert caplog.records[0].claim == name


@pytest.mark.parametrize(
    ("claims", "rendered"),
    [
        ({"iss": "https://{{ .User.Username }}.example.test"}, {"iss": "https://alice.example.test"}),
        ({"iss": "true"}, {"iss": "true"}),
        ({"username": "{{ .User.Username }}"}, {"username": "alice"}),
        ({"email": "{{ .User.Email.Address }}"}, {"email": "alice@example.test"}),
        ({"jti": "{{ .User.UserID }}"}, {"jti": str(USER)}),
        ({"nbf": 1700000000}, {"nbf": 1700000000}),
        ({"nbf": "1700000000"}, {"nbf": 1700000000}),
        ({"nbf": datetime.date(2026, 1, 2)}, {"nbf": 1767312000}),
    ],
)
def test_a_claim_that_a_token_may_lack_can_be_set(claims, rendered):
    assert ClaimTemplates(claims).render(ALICE) == rendered


@pytest.mark.parametrize("claims", [{"iss": 5}, {"iss": ["a"]}, {"jti": {}}, {"nbf": "soon"}, {"nbf": True}])
def test_a_registered_claim_of_another_type_is_left_out(claims, caplog):
    assert ClaimTemplates(claims).render(ALICE) == {}
    assert [record.claim for record in caplog.records] == list(claims)


def test_a_broken_template_is_logged_once_at_the_start(caplog):
    templates = ClaimTemplates({"claim": "{{ if }}"})
    caplog.clear()
    assert templates.render(ALICE) == {}
    assert caplog.records == []


def test_problems_of_a_configuration():
    found = claim_templates.problems({"good": "{{ .User.UserID }}", "bad": "{{ if }}", "sub": "x"})
    assert set(found) == {"bad", "sub"}
