"""Files of Hanko installations, as they are: each is checked and served, with a warning where one is due."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hanko_compat.app import create_app, services_of
from hanko_compat.config import load
from hanko_compat.wiring.start import prepare
from tests.cli.terminal import run

FOLDER = Path(__file__).parents[1] / "data" / "hanko-files"
PASSCODE = ["passcode.email", "passcode.smtp"]

CHART = {
    "DATABASE_HOST": "portal-postgresql",
    "DATABASE_PASSWORD": "0815",
    "SECRETS_KEYS": "first-secret-of-the-portal,second-secret-of-the-portal",
    "SERVER_PUBLIC_CORS_ALLOW_ORIGINS": "https://portal.example,https://portal.example/",
    "WEBAUTHN_RELYING_PARTY_ID": "portal.example",
    "WEBAUTHN_RELYING_PARTY_ORIGIN": "https://portal.example",
    "WEBAUTHN_RELYING_PARTY_ORIGINS": "https://portal.example,https://other.example",
    "EMAIL_DELIVERY_SMTP_PORT": "587",
    "PASSCODE_SMTP_HOST": "mail.example",
    "SESSION_LIFESPAN": "24h",
    "ACCOUNT_ALLOWDELETION": "1",
}
WEAK = {"HANKO_COMPAT_ALLOW_WEAK_SECRETS": "true"}

# The file, what its environment has, and the places of its warnings.
FILES: list[tuple[str, dict[str, str], list[str]]] = [
    ("quickstart-2.1", {}, [*PASSCODE, "webauthn.relying_party.origin"]),
    ("quickstart-2.7-builtin-secret", WEAK, []),
    ("kubernetes-cross-domain", {},
     [*PASSCODE, "server.public.cors.enabled", "server.public.cors.allow_credentials",
      "server.public.cors.allow_origins[1]"]),
    ("all-options-2.x", {},
     [*PASSCODE, "saml.identity_providers[0].attribute_map.update_at", "session.cookie.name",
      "server.public.cors.allow_origins[1]"]),
    ("converted-2.3", {}, []),
    ("apps-2.6", {}, ["webauthn.relying_party.origins[1]"]),
    ("apps-only-2.7", {}, []),
    ("anchors-2.5", {}, ["x-origins", "x-off", "x-cookie"]),
    ("environment-2.7", CHART,
     ["PASSCODE_SMTP_HOST", "WEBAUTHN_RELYING_PARTY_ORIGIN", "server.public.cors.allow_origins[1]",
      "webauthn.relying_party.origins[1]"]),
    ("passwords-2.5", {}, ["email.require_verification", "server.public.cors.allow_credentials"]),
    ("passcodes-by-webhook-2.6", {},
     ["server.public.cors.enabled", "server.public.cors.allow_credentials", "email.from_address",
      "webauthn.attestation_preference", "email_delivery.email", "webauthn.relying_party.origins[2]"]),
    ("development-2.x", {},
     ["passcode.email", "Session", "server.public.cors.allow_origins[2]",
      "webauthn.relying_party.origins[1]"]),
    ("enterprise-3.0", {},
     ["cors.allow_origins[1]", "custom_claims", "saml.identity_providers[0].attribute_map.custom",
      "saml.identity_providers[0].attribute_map.email_verified",
      "third_party.custom_providers.acme.custom_claim_mapping"]),
    ("redis-2.4", {}, ["rate_limiter.passcode_limits.interval"]),
]  # fmt: skip
# Warnings about what else a file says, which are the subject of other tests.
OTHER_SUBJECTS = {
    "emails.max_num_of_addresses",
    "emails.require_verification",
    "passcode.ttl",
    "password.min_password_length",
    "session.jwt_template.claims.matriculation",
    "third_party.custom_providers.acme.enabled",
    "third_party.providers.github.enabled",
    "third_party.providers.google.enabled",
    "webauthn.timeout",
    "webauthn.user_verification",
}
by_file = pytest.mark.parametrize(("name", "environ", "warned"), FILES, ids=[name for name, *_ in FILES])


def file(name: str) -> Path:
    return FOLDER / f"{name}.yaml"


def places(texts: list[str]) -> list[str]:
    """Where each warning is, other subjects left out."""
    return sorted({text.partition(": ")[0] for text in texts} - OTHER_SUBJECTS)


@by_file
def test_the_file_as_it_is_has_no_problem(name: str, environ: Mapping[str, str], warned: list[str]) -> None:
    result = run("config", "check", "--config", str(file(name)), **environ)

    assert result.exit_code == 0, result.stderr
    lines = [line.removeprefix("warning: ") for line in result.stderr.splitlines()]
    assert places(lines) == sorted(warned)


@by_file
def test_the_file_as_it_is_can_be_served(
    name: str, environ: Mapping[str, str], warned: list[str], tmp_path: Path
) -> None:
    here = {"DATABASE_URL": f"sqlite:///{tmp_path}/users.sqlite3", "HANKO_COMPAT_JWK_ALGORITHM": "ES256"}
    config = load(file(name), environ={**environ, **here})
    app = create_app(config)
    prepare(services_of(app))
    answer = app.test_client().get("/.well-known/config")
    assert (answer.status_code, places([str(each) for each in config.warnings])) == (200, sorted(warned))


def test_every_file_is_tried() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == sorted(name for name, *_ in FILES)


def test_the_public_secret_of_the_quick_start_is_refused() -> None:
    result = run("config", "check", "--config", str(file("quickstart-2.7-builtin-secret")))
    (problem,) = result.stderr.splitlines()
    assert (result.exit_code, problem.partition(":")[0]) == (1, "secrets.keys[0]")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (
            "all-options-2.x",
            {"session.cookie.name": "1", "database.password": "20240131", "session.issuer": ""},
        ),
        (
            "converted-2.3",
            {
                "email_delivery.smtp.port": "587",
                "email_delivery.smtp.user": "4711",
                "email.limit": 3,
                "email.passcode_ttl": 600,
                "password.min_length": 10,
                "passkey.user_verification": "required",
                "session.limit": 3,
                "webauthn.relying_party.display_name": "2024",
                "webauthn.relying_party.origins": ("https://app.internal",),
                "server.public.cors.allow_origins": ("https://app.internal", "https://admin.internal"),
                "secrets.keys": ("one-secret-without-a-list",),
            },
        ),
        (
            "anchors-2.5",
            {
                "email.enabled": True,
                "email.passcode_ttl": 300,
                "email.limit": 100,
                "passkey.enabled": False,
                "password.min_length": 10,
                "mfa.enabled": False,
                "database.password": "0042",
                "session.cookie.same_site": "lax",
                "session.cookie.domain": "club.example",
                "session.audience": ("https://www.club.example", "https://members.club.example"),
                "security_notifications.notifications.email_create.enabled": False,
                "security_notifications.notifications.email_delete.enabled": True,
            },
        ),
        (
            "development-2.x",
            {"session.audience": ("http://127.0.0.1:5173",), "session.cookie.same_site": "lax"},
        ),
        (
            "redis-2.4",
            {"rate_limiter.redis_config.password": "1234", "secrets.keys": ("12345678901234567890",)},
        ),
        (
            "passcodes-by-webhook-2.6",
            {
                "session.jwt_template.claims": {
                    "role": "user",
                    "since": date(2026, 1, 31),
                    "level": 10.0,
                    "username": "{{ .User.Username }}",
                    "tags": '["campus", "{{ .User.GivenName }}"]',
                }
            },
        ),
        ("quickstart-2.1", {"webauthn.relying_party.origins": ("http://localhost:8888",)}),
    ],
)
def test_what_the_file_says_is_in_force(name: str, values: dict[str, Any]) -> None:
    config = load(file(name), environ={})
    for key, value in values.items():
        found: Any = config
        for part in key.split("."):
            found = getattr(found, part)
        assert (key, found) == (key, value)
