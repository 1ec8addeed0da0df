"""``config check`` and ``config show``, as an operator meets them."""

from pathlib import Path

import pytest
import yaml

from tests.cli.terminal import run, write_config

SECRET = "a secret of 26 characters."
GOOD = {"secrets": {"keys": [SECRET]}, "session": {"lifespan": "90m"}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "prod.yaml"


def test_check_of_a_good_file(file):
    write_config(file, GOOD)
    result = run("config", "check", "--config", str(file))
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{file}: no problem found.\n", "")


def test_example_shows_what_could_be(file):
    result = run("config", "example")
    assert result.exit_code == 0
    assert yaml.safe_load(result.stdout)["session"]["lifespan"] == "12h"


def test_check_names_every_problem(file):
    write_config(file, {"session": {"limt": 3, "limit": "five"}, "secrets": {"keys": ["hunter2"]}})
    result = run("config", "check", "--config", str(file))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == [
        "session.limt",
        "session.limit",
        "secrets.keys[0]",
    ]
    assert "hunter2" not in result.stderr


def test_check_of_broken_yaml(file):
    file.write_text("secrets:\n\tkeys: []\n")
    result = run("config", "check", "--config", str(file))
    assert result.exit_code == 1
    assert result.stderr == f"{file}, line 2, column 1: Broken YAML: a tab; indent with blanks.\n"


def test_check_lists_keys_without_effect(file):
    write_config(file, GOOD | {"debug": True, "username": {"enabled": True}})
    result = run("config", "check", "--strict", "--config", str(file))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "no effect here: debug",
        "no effect here: username.enabled",
        f"{file}: no problem found.",
    ]


@pytest.mark.parametrize(
    ("extra", "warning"),
    [
        ({"frontend": {"colour": "red"}}, "frontend: Unknown key, it does nothing."),
        (
            {"passcode": {"ttl": 60}},
            (
                "passcode.ttl: Deprecated, it does nothing: "
                "use email.passcode_ttl (or set convert_legacy_config: true)."
            ),
        ),
    ],
)
def test_warnings_are_refused_by_strict_only(file, extra, warning):
    write_config(file, GOOD | extra)
    lenient = run("config", "check", "--config", str(file))
    strict = run("config", "check", "--strict", "--config", str(file))
    assert (lenient.exit_code, lenient.stderr) == (0, f"warning: {warning}\n")
    assert (strict.exit_code, strict.stderr, strict.stdout) == (1, f"{warning}\n", "")


@pytest.mark.parametrize(
    ("claims", "place"),
    [
        ({"role": "{{ .User.Metadata.Public "}, "session.jwt_template.claims.role: "),
        ({"ok": "{{ .User.UserID }}", "sub": "me"}, "session.jwt_template.claims.sub: a standard claim"),
    ],
)
def test_claims_that_tokens_will_lack_are_warnings(file, claims, place):
    write_config(file, GOOD | {"session": {"jwt_template": {"claims": claims}}})
    lenient = run("config", "check", "--config", str(file))
    strict = run("config", "check", "--strict", "--config", str(file))
    assert (lenient.exit_code, strict.exit_code) == (0, 1)
    assert lenient.stderr.startswith(f"warning: {place}")
    assert [line.startswith(place) for line in strict.stderr.splitlines()] == [True]


def test_show_prints_what_is_in_force_without_secrets(file):
    write_config(file, GOOD | {"database": {"url": "postgres://hanko:hunter2@db.test/hanko"}})
    result = run("config", "show", "--config", str(file), SESSION_LIMIT="3")
    shown = yaml.safe_load(result.stdout)
    assert result.exit_code == 0
    assert shown["session"]["lifespan"] == "1h30m"
    assert shown["session"]["limit"] == 3
    assert shown["secrets"]["keys"] == ["********"]
    assert SECRET not in result.stdout
    assert "hunter2" not in result.stdout


def test_show_refuses_what_serve_would_refuse(file):
    write_config(file, {"secrets": {"keys": ["short"]}})
    result = run("config", "show", "--config", str(file))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("secrets.keys[0]: Shorter than 16 characters")


def test_defaults_and_environment_alone():
    result = run("config", "check", SECRETS_KEYS=SECRET)
    assert (result.exit_code, result.stdout) == (0, "Built-in defaults and environment: no problem found.\n")


HIDDEN = "hunter2-hunter2-hunter2"
FULL_OF_SECRETS = {
    "secrets": {"keys": [HIDDEN]},
    "server": {"management": {"api_keys": [HIDDEN]}},
    "database": {
        "url": f"postgres://hanko:{HIDDEN}@127.0.0.1:1/hanko?sslpassword={HIDDEN}",
        "password": HIDDEN,
    },
    "email_delivery": {"smtp": {"host": "127.0.0.1", "port": "1", "user": HIDDEN, "password": HIDDEN}},
    "rate_limiter": {
        "store": "redis",
        "redis_config": {"address": f"redis://:{HIDDEN}@127.0.0.1:1", "password": HIDDEN},
    },
    "hanko_compat": {
        "backend_api": {
            "sms": {
                "url": f"https://sms.example.com/{HIDDEN}?key={HIDDEN}",
                "body": f'{{"key": "{HIDDEN}", "to": "$to", "text": "$text"}}',
                "headers": {"Authorization": HIDDEN},
            }
        }
    },
    "webhooks": {"enabled": True, "hooks": [{"callback": f"https://hooks.example.com/{HIDDEN}"}]},
    "saml": {"identity_providers": [{"metadata_url": f"https://idp.example.com/{HIDDEN}"}]},
    "third_party": {
        "custom_providers": {"acme": {"secret": HIDDEN, "issuer": f"https://u:{HIDDEN}@idp.test"}}
    },
    "frontend": {"key": HIDDEN},
}


@pytest.mark.parametrize(
    "command", [["config", "show"], ["config", "check"], ["doctor"], ["serve"], ["worker"]]
)
@pytest.mark.parametrize(
    "address", [FULL_OF_SECRETS["rate_limiter"]["redis_config"]["address"], "127.0.0.1:1"]
)
def test_no_command_prints_a_secret(file, command, address):
    """With an address of Redis that is refused, and with all of it accepted and no server there."""
    redis = {"store": "redis", "redis_config": {"address": address, "password": HIDDEN}}
    write_config(file, FULL_OF_SECRETS | {"rate_limiter": redis})
    result = run(*command, "--config", str(file))
    assert result.stdout + result.stderr
    assert HIDDEN not in result.stdout + result.stderr
