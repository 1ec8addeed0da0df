"""Thirty questions of a newcomer, with the answers that docs/architecture.md leads to."""

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
    ("audit_log.mask", "config/server.py", "wiring/audit_log.py"),
    ("hanko_compat.limits.hashing", "config/limits.py", "wiring/hashing.py"),
]
FAILURES = [
    # What is this failure called, where does its class stand, and where is it raised?
    ("an address belongs to somebody", "EmailAlreadyTaken", "errors/emails.py", "services/users/accounts.py"),
    ("sign-up is switched off", "SignUpDisabled", "errors/users.py", "services/users/accounts.py"),
    ("a token was revoked", "SessionInvalid", "errors/sessions.py", "services/sessions/live.py"),
    ("a passcode was tried three times", "TriesExhausted", "errors/passcodes.py", "services/passcodes.py"),
    ("a password is too short", "PasswordTooShort", "errors/passwords.py", "services/passwords.py"),
    (
        "a user has too many passkeys",
        "PasskeyLimitReached",
        "errors/passkeys.py",
        "services/passkeys/registration.py",
    ),
    (
        "a second factor is set up",
        "SecondFactorRequired",
        "errors/login.py",
        "services/login/second_factor.py",
    ),
    (
        "a client asks too often",
        "RateLimited",
        "errors/rate_limits.py",
        "services/rate_limits/rate_limits.py",
    ),
    ("too many hashes wait", "Overloaded", "errors/hashing.py", "hashing/admission.py"),
    ("an API secret is wrong", "ApiCredentialsInvalid", "errors/api_secrets.py", "services/api_secrets.py"),
]


def test_there_are_thirty():
    assert len(ENDPOINTS) == len(SETTINGS) == len(FAILURES) == 10


@pytest.mark.parametrize(("operation", "view", "service"), ENDPOINTS, ids=lambda value: value)
def test_an_endpoint_is_found(operation, view, service):
    (found,) = (each for each in house.views(house.application()) if each.rule == operation)
    assert house.short(found.module) == view
    assert service in house.services_of_view(house.application(), found)
    (row,) = (line for line in PAGE.splitlines() if line.startswith(f"| `{operation}` |"))
    assert f"`{view}`" in row
    assert f"`{service}`" in row


@pytest.mark.parametrize(("key", "declared", "wiring"), SETTINGS, ids=lambda value: value)
def test_a_setting_is_found(key, declared, wiring):
    section = house.section_of(tuple(key.split(".")))
    assert house.short(house.declared_in(section)) == declared
    assert wiring in {house.short(each) for each in house.read_by(section)}
    last = key.rpartition(".")[2]
    (row,) = (line for line in PAGE.splitlines() if line.startswith(f"| `{section}` |"))
    assert f"`{declared}`" in row
    assert re.search(rf"`{wiring}` \([^)]*\b{last}\b", row)


@pytest.mark.parametrize(("failure", "error", "declared", "raised"), FAILURES, ids=lambda value: value)
def test_a_failure_is_found(failure, error, declared, raised):
    (cls,) = (each for each in house.every_error() if each.__name__ == error)
    assert house.short(cls.__module__) == declared, failure
    assert raised in {house.short(each) for each in house.raising(error)}
    (row,) = (line for line in PAGE.splitlines() if line.startswith(f"| `{error}` |"))
    assert f"`{declared}`" in row
    assert f"`{raised}`" in row
