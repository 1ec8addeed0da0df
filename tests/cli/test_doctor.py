import json
import shutil
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import Result

from hanko_compat.cli import development
from hanko_compat.cli.checks import Level
from hanko_compat.cli.doctor import judge, of_mail
from hanko_compat.cli.settings import Settings
from hanko_compat.config import from_mapping
from hanko_compat.services.clock_skew import ClockSkew
from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.models import Jwk
from hanko_compat.wiring import Services
from hanko_compat.wiring.mail import may_lose_tls
from tests.cli.terminal import run, write_config
from tests.factories import make_password
from tests.servers.process import free_port
from tests.servers.redis import Redis
from tests.settings import merged, settings_on
from tests.smtp import MailServer, certificate_for

HEALTHY = {
    "email_delivery.enabled": False,
    "hanko_compat.public_url": "https://auth.example.com",
    "hanko_compat.trusted_proxies": ["127.0.0.1/32"],
    "rate_limiter.enabled": True,
    "server.public.cors.allow_origins": ["https://example.com"],
    "session.cookie.secure": True,
    "webauthn.relying_party.id": "example.com",
    "webauthn.relying_party.origins": ["https://example.com"],
    "webhooks": {
        "enabled": True,
        "hooks": [{"callback": "https://hooks.example.com", "events": ["email.send"]}],
    },
}

Examine = Callable[..., Result]


@pytest.fixture
def examine(database_url: str, tmp_path: Path) -> Examine:
    """Run doctor on a healthy installation with one change."""

    def run_doctor(changes: dict[str, Any] | None = None, **environ: str) -> Result:
        settings = merged(settings_on(database_url, HEALTHY), changes or {})
        return run("doctor", "--config", str(write_config(tmp_path / "config.yaml", settings)), **environ)

    return run_doctor


def findings(result: Result) -> dict[str, list[str]]:
    """The lines that are not ok, by level."""
    lines = [line for line in result.stdout.splitlines() if not line.startswith("ok ")]
    return {level: [line for line in lines if line.startswith(level)] for level in ("warning", "FAIL")}


def test_healthy_installation(examine: Examine) -> None:
    result = examine()

    settings = ["config", "origins", "claims", "cookie", "proxies", "limits", "factors", "leftovers"]
    servers = ["mail", "database", "schema", "rights", "keys", "backend", "passwords", "clock"]
    assert result.exit_code == 0
    assert [line.split()[:2] for line in result.stdout.splitlines()] == [
        ["ok", each] for each in settings + servers
    ]


def test_findings_for_programs(examine: Examine, tmp_path: Path) -> None:
    people = examine({"rate_limiter.enabled": False}).stdout.splitlines()

    result = run("doctor", "--json", "--config", str(tmp_path / "config.yaml"))

    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [finding["subject"] for finding in told] == [line.split()[1] for line in people]
    assert {finding["subject"] for finding in told if finding["level"] == "warning"} == {"limits"}


def test_what_development_made_is_clean(empty_folder: Path) -> None:
    development.prepare(Settings(), bind=None)
    assert run("migrate", "up").exit_code == 0
    assert run("keys", "rotate", HANKO_COMPAT_JWK_ALGORITHM="ES256").exit_code == 0

    result = run("doctor")

    assert result.exit_code == 0
    assert findings(result) == {"warning": [], "FAIL": []}
    assert "var/secret" in result.stdout


def test_a_configuration_that_everybody_may_read(examine: Examine, tmp_path: Path) -> None:
    examine()
    file = tmp_path / "config.yaml"
    file.chmod(0o644)

    result = run("doctor", "--config", str(file))

    assert result.exit_code == 0
    (warning,) = findings(result)["warning"]
    assert f"chmod 640 {file}" in warning


@pytest.mark.parametrize(
    ("is_enabled", "told"), [(True, "users with an authenticator app"), (False, "one factor is enough")]
)
def test_who_needs_two_factors_is_explained(examine: Examine, *, is_enabled: bool, told: str) -> None:
    result = examine({"mfa.enabled": is_enabled})

    assert result.exit_code == 0
    assert told in result.stdout


@pytest.mark.parametrize(
    "environ",
    [{"HANKO_COMPAT_PUBLIC_URL": "https://auth.example.com"}, {"HANKO_CONFIG": "production.yaml"}],
)
def test_secret_of_development_in_production(empty_folder: Path, environ: dict[str, str]) -> None:
    write_config(empty_folder / "production.yaml", {"session": {"lifespan": "1h"}})
    development.prepare(Settings(), bind=None)

    warnings = findings(run("doctor", **environ))["warning"]

    assert any("var/secret" in line for line in warnings)
    assert any("no mail can be sent" in line for line in warnings)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"session.lifespan": "12 hours"}, "session.lifespan"),
        ({"session.limt": 3}, "session.limt"),
        ({"secrets.keys": []}, "secrets.keys"),
        ({"secrets.keys": ["short"]}, "secrets.keys[0]"),
        ({"server.public.cors.allow_origins": ["*"]}, "server.public.cors.allow_origins[0]"),
        ({"session.cookie.same_site": "none", "session.cookie.secure": False}, "session.cookie.secure"),
        ({"webauthn.relying_party.id": "example.org"}, "webauthn.relying_party.id"),
        ({"session.cookie.domain": "example.org"}, "session.cookie.domain"),
        ({"session.cookie.name": "__Host-hanko", "session.cookie.domain": "example.com"}, "__Host-hanko"),
        ({"session.cookie.name": "__Secure-hanko", "session.cookie.secure": False}, "__Secure-hanko"),
        ({"hanko_compat.public_url": "http://auth.example.com"}, "session.cookie.secure"),
        ({"hanko_compat.trusted_proxies": ["0.0.0.0/0"]}, "hanko_compat.trusted_proxies"),
    ],
)
def test_broken_settings_are_named(examine: Examine, changes: dict[str, Any], named: str) -> None:
    result = examine(changes)

    assert result.exit_code == 1
    assert any(named in line for line in findings(result)["FAIL"]), result.stdout


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"session.cookie.secure": False}, "session.cookie.secure"),
        ({"session.cookie.http_only": False}, "session.cookie.http_only"),
        ({"hanko_compat.public_url": "https://auth.example.net"}, "session.cookie.same_site"),
        ({"hanko_compat.trusted_proxies": []}, "hanko_compat.trusted_proxies"),
        (
            {
                "hanko_compat.trusted_proxies": [],
                "hanko_compat.public_url": "",
                "server.public.address": "[::]:8000",
            },
            "server.public.address [::]:8000",
        ),
        ({"hanko_compat.allow_weak_secrets": True}, "hanko_compat.allow_weak_secrets"),
        ({"server.public.cors.allow_origins": ["https://a.example.com"]}, "its passkeys are refused"),
        ({"server.public.cors.allow_origins": ["https://other.example.com"]}, "but may not call"),
        ({"webauthn.relying_party.origins": ["http://example.com"]}, "browsers offer passkeys on https"),
        ({"server.public.cors.allow_origins": ["https://example.com", "http://localhost:3000"]}, "localhost"),
        ({"brandnew.key": 1}, "brandnew"),
        ({"session.jwt_template.claims": {"role": "{{ .User"}}, "session.jwt_template.claims.role"),
        ({"email_delivery": {"enabled": True, "smtp": {"host": "127.0.0.1", "port": "1"}}}, "127.0.0.1:1"),
        ({"rate_limiter": {"store": "redis", "redis_config": {"address": "127.0.0.1:1"}}}, "127.0.0.1:1"),
        ({"rate_limiter.enabled": False}, "rate_limiter.enabled"),
        ({"hanko_compat.limits.account.tokens": 5}, "hanko_compat.limits.account"),
        (
            {
                "hanko_compat.public_url": "",
                "email_delivery": {"enabled": True, "smtp": {"host": "127.0.0.1"}},
            },
            "hanko_compat.public_url",
        ),
    ],
)
def test_doubtful_settings_are_named(examine: Examine, changes: dict[str, Any], named: str) -> None:
    result = examine(changes)

    assert result.exit_code == 0, result.stdout
    assert any(named in line for line in findings(result)["warning"]), result.stdout


@pytest.mark.parametrize(
    ("tls", "login", "words"),
    [("none", None, "without TLS"), ("starttls", ("hanko", "pw"), "with TLS, logged in")],
)
def test_mail_server_that_answers(examine: Examine, tmp_path: Path, tls: Any, login: Any, words: str) -> None:
    certificate = tmp_path / "server.pem"
    certificate.write_bytes(certificate_for("127.0.0.1"))
    with MailServer(tls=tls, login=login, certificate=certificate) as server:
        smtp = {"host": "127.0.0.1", "port": str(server.port)}
        smtp |= {"user": login[0], "password": login[1]} if login else {}

        changes = {"email_delivery": {"enabled": True, "smtp": smtp}}
        result = examine(changes, SSL_CERT_FILE=str(certificate))

    assert f"127.0.0.1:{server.port} answers {words}" in result.stdout
    assert server.attempts == 0


@pytest.mark.parametrize(("is_demanded", "warnings"), [(False, 1), (True, 0)])
def test_mail_server_elsewhere_whose_tls_may_be_switched_off(
    database_url: str, tmp_path: Path, monkeypatch, is_demanded: bool, warnings: int
) -> None:
    """No other host is there in a test, so that connections of another kind stand for those that leave it."""
    certificate = tmp_path / "server.pem"
    certificate.write_bytes(certificate_for("127.0.0.1"))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    elsewhere, other = socket.socketpair()
    with MailServer(tls="starttls", certificate=certificate) as server, elsewhere, other:
        smtp = {"host": "127.0.0.1", "port": str(server.port)}
        changes = {
            "email_delivery": {"enabled": True, "smtp": smtp},
            "hanko_compat.mail.require_tls": is_demanded,
        }
        config = from_mapping(merged(settings_on(database_url, HEALTHY), changes))
        exposed = [*of_mail(config, is_exposed=lambda config, _: may_lose_tls(config, elsewhere))]
        here = [*of_mail(config)]
    assert [finding.level.value for finding in exposed] == ["ok", *["warning"] * warnings]
    assert [finding.level.value for finding in here] == ["ok"]
    assert all("set hanko_compat.mail.require_tls: true" in finding.text for finding in exposed[1:])


@pytest.mark.parametrize(
    ("host", "is_demanded", "warnings"),
    [("mail.invalid", False, 2), ("mail.invalid", True, 1), ("127.0.0.1", False, 1)],
    ids=["elsewhere", "with TLS at any rate", "here"],
)
def test_tls_is_asked_for_though_the_mail_server_does_not_answer(
    database_url: str, host: str, is_demanded: bool, warnings: int
) -> None:
    changes = {
        "email_delivery": {"enabled": True, "smtp": {"host": host, "port": str(free_port())}},
        "hanko_compat.mail.require_tls": is_demanded,
    }
    found = [*of_mail(from_mapping(merged(settings_on(database_url, HEALTHY), changes)))]
    assert [finding.level.value for finding in found] == ["warning"] * warnings
    assert "no mail can be sent" in found[0].text
    assert all("set hanko_compat.mail.require_tls: true" in finding.text for finding in found[1:])


def test_mail_server_without_the_tls_that_is_demanded(examine: Examine) -> None:
    with MailServer() as server:
        smtp = {"host": "127.0.0.1", "port": str(server.port)}
        changes = {"email_delivery": {"enabled": True, "smtp": smtp}, "hanko_compat.mail.require_tls": True}
        (warning,) = findings(examine(changes))["warning"]
    assert "no mail can be sent" in warning
    assert warning.endswith("the server offers no TLS, so it gets no mail")


def test_mail_server_that_refuses_the_password(examine: Examine) -> None:
    with MailServer(login=("hanko", "pw")) as server:
        smtp = {"host": "127.0.0.1", "port": str(server.port), "user": "hanko", "password": "wrong"}

        result = examine({"email_delivery": {"enabled": True, "smtp": smtp}})

    assert "no mail can be sent" in findings(result)["warning"][-1]
    assert "535" in findings(result)["warning"][-1]


def test_own_templates(examine: Examine, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()

    assert "ok       templates" in examine({"hanko_compat.mail.templates": str(folder)}).stdout

    (folder / "passcode.html").write_text("{{ code")
    assert (
        "passcode.html, line 1" in findings(examine({"hanko_compat.mail.templates": str(folder)}))["FAIL"][0]
    )


@pytest.mark.servers
def test_redis_that_answers(examine: Examine, redis: Redis) -> None:
    place = f"127.0.0.1:{redis.port}"

    result = examine({"rate_limiter": {"store": "redis", "redis_config": {"address": place}}})

    assert f"counted in Redis at {place}" in result.stdout
    assert f"{place} answers" in result.stdout


def test_what_is_no_mail_server(examine: Examine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        Thread(target=lambda: server.accept()[0].close(), daemon=True).start()

        result = examine(
            {"email_delivery": {"enabled": True, "smtp": {"host": "127.0.0.1", "port": str(port)}}}
        )

    assert f"127.0.0.1:{port}" in findings(result)["warning"][-1]


@pytest.mark.parametrize(
    "url", ["postgres://hanko:pw@127.0.0.1:1/hanko", "mysql://hanko:pw@127.0.0.1:1/hanko"]
)
def test_database_that_does_not_answer(examine: Examine, url: str) -> None:
    result = examine({"database.url": url})

    assert result.exit_code == 1
    assert "127.0.0.1:1/hanko does not answer" in findings(result)["FAIL"][0]
    assert ":pw@" not in result.stdout


def test_sqlite_database_is_named_by_its_absolute_path(empty_folder: Path) -> None:
    development.prepare(Settings(), bind=None)
    before = run("doctor")
    assert run("migrate", "up").exit_code == 0

    after = run("doctor")

    path = empty_folder / "var/hanko_compat.sqlite3"
    assert before.exit_code == 1
    [failure] = findings(before)["FAIL"]
    assert failure.startswith(f"FAIL     database   there is no database at {path}: ")
    assert "`hanko-compat serve` or `hanko-compat migrate up`" in failure
    assert f"ok       database   sqlite:///{path} answers" in after.stdout


def test_schema_that_is_behind(examine: Examine, empty_database_url: str) -> None:
    result = examine({"database.url": empty_database_url})

    assert result.exit_code == 1
    assert "hanko-compat migrate up" in findings(result)["FAIL"][0]


def test_secret_that_fits_no_key(examine: Examine) -> None:
    result = examine({"secrets.keys": ["a secret that is not the one"]})

    assert result.exit_code == 1
    assert "signing key 1" in findings(result)["FAIL"][0]


def test_key_from_the_future(examine: Examine, database_url: str) -> None:
    change_keys(database_url, created_at=datetime.now(UTC) + timedelta(hours=1))

    result = examine()

    assert result.exit_code == 1
    assert "set the clock" in findings(result)["FAIL"][0]


def change_keys(url: str, **changes: object) -> None:
    database = open_database(url)
    with database.connection():
        Jwk.update(changes).execute()
    database.close_all()


@pytest.mark.parametrize(
    ("skew", "level"),
    [
        (None, Level.OK),
        (0, Level.OK),
        (1, Level.OK),
        (-1, Level.OK),
        (5, Level.WARNING),
        (-5, Level.WARNING),
        (31, Level.FAILURE),
        (-31, Level.FAILURE),
    ],
)
def test_clocks(skew: int | None, level: Level) -> None:
    here = datetime(2026, 1, 1, tzinfo=UTC)
    there = None if skew is None else here + timedelta(seconds=skew)

    reading = ClockSkew(here=here, there=there, newest_key=None, is_hankos=False)
    assert judge(reading)[0] is level


def test_secret_that_others_can_read(empty_folder: Path) -> None:
    development.prepare(Settings(), bind=None)
    (empty_folder / "var/secret").chmod(0o644)

    result = run("doctor")

    assert result.exit_code == 1
    assert "chmod 600 var/secret" in result.stderr
    shutil.rmtree(empty_folder / "var")


def test_what_only_development_allows_is_not_taken_for_allowed(examine: Examine) -> None:
    """A frontend on the public URL's own host, which has the playground during development."""
    origin, public = "https://example.com", "https://auth.example.com"
    changes = {
        "server.public.cors.allow_origins": [origin, public],
        "webauthn.relying_party.origins": [origin, public],
        "third_party.redirect_url": f"{public}/thirdparty/callback",
        "third_party.error_redirect_url": origin,
        "third_party.allowed_redirect_urls": [f"{origin}/**"],
        "third_party.providers.google": {"enabled": True, "client_id": "x", "secret": "y"},
        "hanko_compat.third_party.timeout": "1ms",
    }
    warnings = [line for line in findings(examine(changes))["warning"] if line.split()[1] == "redirects"]
    assert [f"log-ins that begin on {public} can't end there" in line for line in warnings] == [True]


PEPPER = "hanko_compat.password.import_pepper"


@pytest.mark.parametrize(
    ("hashed", "pepper", "level", "text"),
    [
        ("$peppered$$2a$04$x", "", "warning", f"1 of 1 hashes need a pepper, and {PEPPER} is empty, so"),
        ("$peppered$$2a$04$x", "the pepper", "ok", f"1 of 1 hashes need {PEPPER}: leave it as it is"),
        ("$2a$04$x", "the pepper", "ok", f"no hash needs {PEPPER} any more: remove it"),
        ("$2a$04$x", "", "ok", "0 of 1 hashes need a pepper"),
    ],
)
def test_hashes_that_need_a_pepper(
    examine: Examine, services: Services, hashed: str, pepper: str, level: str, text: str
) -> None:
    make_password(password=hashed)
    result = examine({PEPPER: pepper})
    (line,) = [line for line in result.stdout.splitlines() if line.split()[1] == "passwords"]
    assert line.split()[0] == level
    assert text in line
    assert "the pepper" not in result.output
    assert result.exit_code == 0
