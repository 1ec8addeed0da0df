"""Thirty questions of a newcomer, with the answers that docs/architecture.md leads to."""

import ast
import re

import pytest

from scripts import draw_architecture as house

PAGE = house.PAGE.read_text(encoding="utf-8")

ENDPOINTS = [
    # Where is the view of this operation, and where is the rule behind it?
    ("POST /users", "public/users.py", "services/users/accounts.py"),
    ("GET /sessions/validate", "public/sessions.py", "services/sessions/live.py"),
    ("POST /emails/<id>/set_primary", "public/emails.py", "services/emails/emails.py"),
    ("PUT /password", "public/password.py", "services/passwords.py"),
    ("POST /webauthn/login/finalize", "public/webauthn.py", "services/passkeys/login.py"),
    ("GET /.well-known/jwks.json", "public/well_known.py", "services/keys/keys.py"),
    (
        "PATCH /v2/users/<user_id>/challenges/<challenge_id>",
        "backend/challenges.py",
        "services/challenges.py",
    ),
    ("POST /v2/sessions/<session_id>/revoke", "backend/sessions.py", "services/sessions/records.py"),
    ("GET /v2/users/<user_id>/passkeyEvents", "backend/passkey_events.py", "services/passkeys/events.py"),
    (
        "PUT /v2/webhookEndpoints/<webhook_endpoint_id>",
        "backend/webhook_endpoints.py",
        "services/webhooks/endpoints.py",
    ),
]
SETTINGS = [
    # Where is this key declared, and where does it reach the services?
    ("account.allow_signup", "config/account.py", "wiring/users.py"),
    ("email.passcode_ttl", "config/account.py", "wiring/passcodes.py"),
    ("password.min_length", "config/account.py", "wiring/passwords.py"),
    ("session.idle_timeout", "config/session.py", "wiring/sessions.py"),
    ("mfa.enabled", "config/webauthn.py", "wiring/login.py"),
    ("passkey.limit", "config/webauthn.py", "wiring/passkeys.py"),
    ("rate_limiter.store", "config/rate_limiter.py", "wiring/rate_limits.py"),
    ("secrets.keys", "config/server.py", "wiring/keys.py"),
    ("audit_log.mask", "config/server.py", "wiring/events.py"),
    ("hanko_compat.limits.hashing", "config/limits.py", "wiring/hashing.py"),
]
FAILURES = [
    # What is this failure called, where does its class stand, and where is it raised?
    ("an address belongs to somebody", "EmailAlreadyTaken", "errors/emails.py", "services/users/accounts.py"),
    ("sign-up is switched off", "SignUpDisabled", "errors/users.py", "services/users/accounts.py"),
    ("a token was revoked", "SessionInvalid", "errors/sessions.py", "services/sessions/live.py"),
    ("a passcode was tried three times", "TriesExhausted", "errors/passcodes.py", "services/passcodes.py"),
    ("a password is too short", "PasswordTooShort", "errors/passwords.py", "services/passwords.py"),
    ("a user has too many passkeys", "PasskeyLimitReached", "errors/passkeys.py", "services/passkeys/"),
    ("a second factor is set up", "SecondFactorRequired", "errors/login.py", "services/login/"),
    ("a client asks too often", "RateLimited", "errors/rate_limits.py", "services/rate_limits/"),
    ("too many hashes wait", "Overloaded", "errors/hashing.py", "hashing/admission.py"),
    ("an API secret is wrong", "ApiCredentialsInvalid", "errors/api_secrets.py", "services/api_secrets.py"),
]


def test_there_are_thirty():
    assert len(ENDPOINTS) == len(SETTINGS) == len(FAILURES) == 10


@pytest.mark.parametrize(("operation", "view", "service"), ENDPOINTS, ids=lambda value: value)
def test_an_endpoint_is_found(operation, view, service):
    (found,) = (each for each in house.views(house.application()) if each.rule == operation)
    assert house.short(found.module) == view
    modules = {each for path in found.services for each in house.service_modules(house.application(), path)}
    assert service in {house.short(each) for each in modules}
    assert f"`{view}`" in PAGE
    assert f"`{service}`" in PAGE


@pytest.mark.parametrize(("key", "declared", "wiring"), SETTINGS, ids=lambda value: value)
def test_a_setting_is_found(key, declared, wiring):
    section = house.section_of(tuple(key.split(".")))
    assert house.short(house.declared_in(section)) == declared
    assert wiring in {house.short(each) for each in house.read_by(section)}
    last = key.rpartition(".")[2]
    assert re.search(rf"\.{last}\b", (house.PACKAGE / wiring).read_text(encoding="utf-8"))
    (row,) = (line for line in PAGE.splitlines() if line.startswith(f"| `{section}` |"))
    assert f"`{declared}`" in row
    assert f"`{wiring}`" in row


@pytest.mark.parametrize(("failure", "error", "declared", "raised"), FAILURES, ids=lambda value: value)
def test_a_failure_is_found(failure, error, declared, raised):
    classes = ast.walk(ast.parse((house.PACKAGE / declared).read_text(encoding="utf-8")))
    assert error in {node.name for node in classes if isinstance(node, ast.ClassDef)}, failure
    place = house.PACKAGE / raised
    files = sorted(place.glob("*.py")) if place.is_dir() else [place]
    assert any(re.search(rf"\b{error}\b", file.read_text(encoding="utf-8")) for file in files)
    assert f"`{error}` ({declared.removeprefix('errors/').removesuffix('.py')})" in PAGE
